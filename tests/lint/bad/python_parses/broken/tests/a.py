# expect: Python cannot read it
def f(:
