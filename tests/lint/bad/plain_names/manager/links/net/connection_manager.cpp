// expect: the name 'connection_manager' says nothing about what it holds
