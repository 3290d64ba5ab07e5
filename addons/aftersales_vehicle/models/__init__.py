from . import asset_category
from . import asset
from . import asset_vin
from . import asset_due
