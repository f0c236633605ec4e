import ipaddress as ip

n = ip.ip_network("192.168.1.0/29")
print(ip.ip_address("10.0.0.1") + 1, ip.ip_address("10.0.0.1") in ip.ip_network("10.0.0.0/8"), n.num_addresses, n.netmask, n.broadcast_address, [str(h) for h in n.hosts()][:2], list(n.subnets(new_prefix=30)), ip.ip_address("::1").is_loopback, ip.ip_address("2001:db8::1").exploded, int(ip.ip_address("1.2.3.4")), ip.ip_address("8.8.8.8").is_private, n.supernet(), sorted([ip.ip_address("10.0.0.2"), ip.ip_address("9.0.0.1")])[0])
try:
    ip.ip_address("300.1.1.1")
except ValueError as error:
    print(type(error).__name__)

# ---
# stdout:
#   10.0.0.2 True 8 255.255.255.248 192.168.1.7 ['192.168.1.1', '192.168.1.2'] [IPv4Network('192.168.1.0/30'), IPv4Network('192.168.1.4/30')] True 2001:0db8:0000:0000:0000:0000:0000:0001 16909060 False 192.168.1.0/28 9.0.0.1
#   ValueError
