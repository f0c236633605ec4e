import csv
import io

text = 'name,age,note\r\nAnn,3,"a, ""b"""\r\nBob,,"two\nlines"\r\n'
rows = list(csv.reader(io.StringIO(text, newline="")))
print(rows)
print(list(csv.DictReader(io.StringIO("a;b\n1;2\n3"), delimiter=";", restval="-")))
out = io.StringIO()
writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
writer.writerow(["x", 1, None, "a,b", 'q"q', 1.5])
writer.writerows([[1, 2], ["", "new\nline"]])
print(repr(out.getvalue()))
out = io.StringIO()
table = csv.DictWriter(out, fieldnames=["b", "a"], lineterminator="\n", extrasaction="ignore")
table.writeheader()
table.writerow({"a": 1, "b": 2, "c": 3})
print(out.getvalue(), list(csv.reader(["1|'a|b'"], delimiter="|", quotechar="'")), list(csv.reader(["1,2.5,'x'"], quoting=csv.QUOTE_NONE)))
print(list(csv.reader(["a\tb"], dialect="excel-tab")), sorted(csv.list_dialects()))
try:
    table.writer.writerow(5)
except csv.Error as error:
    print("Error")

# ---
# stdout:
#   [['name', 'age', 'note'], ['Ann', '3', 'a, "b"'], ['Bob', '', 'two\nlines']]
#   [{'a': '1', 'b': '2'}, {'a': '3', 'b': '-'}]
#   'x,1,,"a,b","q""q",1.5\r\n1,2\r\n,"new\nline"\r\n'
#   b,a
#   2,1
#    [['1', 'a|b']] [['1', '2.5', "'x'"]]
#   [['a', 'b']] ['excel', 'excel-tab', 'unix']
#   Error
