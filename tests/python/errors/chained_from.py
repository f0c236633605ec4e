class ConfigError(Exception):
    pass


def read(settings):
    try:
        return settings["port"]
    except KeyError as error:
        raise ConfigError("no port") from error


read({})

# ---
# code: RUNTIME_ERROR
# line: 9
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 7, in read
#       return settings["port"]
#              ~~~~~~~~^^^^^^^^
#   KeyError: 'port'
#
#   The above exception was the direct cause of the following exception:
#
#   Traceback (most recent call last):
#     File "<script 1>", line 12, in <module>
#       read({})
#       ~~~~^^^^
#     File "<script 1>", line 9, in read
#       raise ConfigError("no port") from error
#   ConfigError: no port
