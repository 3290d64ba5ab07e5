from . import test_refund
from . import test_exchange
from . import test_difference
from . import test_shipment
from . import test_supplier_trip
