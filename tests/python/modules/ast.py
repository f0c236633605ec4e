import ast

tree = ast.parse("x = 1 + y * 2\nprint(x)")
print(ast.dump(tree.body[0].value), [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)], ast.literal_eval("{'a': [1, 2.5, None, (True, -3)]}"), ast.unparse(tree.body[0]))


class Names(ast.NodeVisitor):
    def __init__(self):
        self.seen = []

    def visit_Call(self, node):
        self.seen.append(node.func.id)
        self.generic_visit(node)


names = Names()
names.visit(tree)
print(names.seen, tree.body[1].lineno)
for bad in ("f(1)", "1 +"):
    try:
        ast.literal_eval(bad)
    except (ValueError, SyntaxError) as error:
        print(type(error).__name__)

# ---
# stdout:
#   BinOp(left=Constant(value=1), op=Add(), right=BinOp(left=Name(id='y', ctx=Load()), op=Mult(), right=Constant(value=2))) ['x', 'print', 'x', 'y'] {'a': [1, 2.5, None, (True, -3)]} x = 1 + y * 2
#   ['print'] 2
#   ValueError
#   SyntaxError
