#pragma once
#include "links/net/http.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace linkspan
{

// How an answer goes out; what the connection knows and the application does not.
struct response_framing
{
    bool head = false;       // answers HEAD: the length of the body, but no body
    bool keep_alive = true;  // otherwise "Connection: close"
    bool http_1_0 = false;   // a peer that must be told "Connection: keep-alive"
    std::string_view date;   // for "Date:", see http_date
};

// Whether the answer may go out: status 200-599, names of headers are tokens, values are free of CR, LF and
// NUL.
bool is_sendable(http_response const& response);

// Whether one of the answer's own headers says "Connection: close".
bool wants_close(http_response const& response);

// Appends status line and header, up to and including the empty line (RFC 9112). Content-Length, Connection
// and Transfer-Encoding are ours: what the answer says about them is left out. The answer must be sendable.
void append_head(std::string& out, http_response const& response, response_framing const& framing);

// Whether the answer's body goes out at all (RFC 9110, 6.4.1): not for HEAD, 204 and 304.
bool has_body(http_response const& response, response_framing const& framing);

// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate, RFC 9110, 5.6.7), written anew once a second.
class http_date
{
public:
    std::string_view at(std::time_t moment);

private:
    std::time_t moment_ = -1;
    std::string text_;
};

}  // namespace linkspan
