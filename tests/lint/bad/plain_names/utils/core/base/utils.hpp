// expect: the name 'utils' says nothing about what it holds
