// expect: store must not include cmd/linkspan/app.hpp
// expect: write the full path from the root, not "tests/support/environment.hpp"
// expect: write the full path from the root, not "inbox.hpp"
#include "cmd/linkspan/app.hpp"
#include "inbox.hpp"
#include "tests/support/environment.hpp"
