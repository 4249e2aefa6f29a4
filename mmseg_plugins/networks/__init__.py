"""The networks of the papers, one folder for each family; importing this package registers them with MMSegmentation.

There is no list of the families, so a new one needs no change to another file.
"""

from importlib import import_module
from pkgutil import iter_modules

for _family in iter_modules(__path__, f"{__name__}."):
    if _family.ispkg:
        import_module(_family.name)
