# expect: bash cannot read it
if true; then
