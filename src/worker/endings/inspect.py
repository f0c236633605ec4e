

# what marks `.aio` of a tool, which is made without this module
from _mcm_tools import _is_coroutine_mark
