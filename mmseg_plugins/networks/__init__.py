"""The networks of the papers, one folder a family; importing this package registers them all with MMSegmentation.

A family is a folder here, and no list names it: adding one touches no other file.
"""

from importlib import import_module
from pkgutil import iter_modules

for _family in iter_modules(__path__, f"{__name__}."):
    if _family.ispkg:
        import_module(_family.name)
