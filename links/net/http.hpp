#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Whether a text may be a method or the name of a header (RFC 9110, 5.6.2).
bool is_http_token(std::string_view text);

struct http_header
{
    std::string name;
    std::string value;
};

// The value of the first header of this name, letter case ignored; empty where there is none.
std::string_view find_header(std::vector<http_header> const& headers, std::string_view name);

// A request, as received by the server (target is origin-form: "/webhook/x?y") or to be sent by the client
// (target is an absolute http or https URL).
struct http_request
{
    std::string method;
    std::string target;
    std::vector<http_header> headers;
    std::string body;
    std::vector<std::string> secrets;  // parts of target and body that no message may repeat

    http_request() = default;
    http_request(std::string method, std::string target)
        : method(std::move(method)), target(std::move(target))
    {
    }
};

struct http_response
{
    int status = 0;
    std::vector<http_header> headers;
    std::string body;

    http_response() = default;
    explicit http_response(int status, std::string body = {}) : status(status), body(std::move(body)) {}
};

}  // namespace linkspan
