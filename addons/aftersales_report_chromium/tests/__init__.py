from . import test_chromium, test_report
