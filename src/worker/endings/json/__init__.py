

# a tool's result that was parsed already is given back as it is
import _mcm_values

loads = _mcm_values.loads(loads)
