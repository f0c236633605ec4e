from tools import toy as other
from tools.toy import add
import tools
print(other is toy, tools.toy is toy, add is toy.add, "toy" in dir(tools))
import inspect
print(inspect.signature(toy.add).parameters["b"].default, toy.add.__name__)

# ---
# stdout:
#   True True True True
#   1 add
