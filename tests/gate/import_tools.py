import tools
import tools as t
import tools.filesystem
from tools import filesystem, search, ToolError
from tools import *
# ---
# ok
