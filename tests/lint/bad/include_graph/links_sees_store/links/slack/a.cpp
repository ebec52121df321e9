// expect: links must not include store/inbox.hpp
// expect: links must not include <SQLiteCpp/SQLiteCpp.h>
// expect: links must not include <openssl/evp.h>
#include "store/inbox.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <openssl/evp.h>
