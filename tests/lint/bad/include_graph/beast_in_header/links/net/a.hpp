// expect: <boost/beast/http.hpp> belongs in .cpp files of links/net/ alone
#include <boost/beast/http.hpp>
