// expect: a header without #pragma once
#include <string>
