#include "cmd/linkspan/respond.hpp"

namespace linkspan
{

int status_of(errc code) noexcept
{
    switch (code)
    {
        case errc::none:
            return 200;
        case errc::invalid:
            return 400;
        case errc::unauthorized:
            return 401;
        case errc::not_found:
            return 404;
        case errc::conflict:
            return 409;
        case errc::rate_limited:
            return 429;
        case errc::unavailable:
            return 503;
        case errc::timeout:
            return 504;
        case errc::cancelled:
            return 503;
        case errc::internal:
            return 500;
    }
    return 500;
}

http_response respond(int status, std::string_view text, std::string_view content_type)
{
    http_response out(status);
    if (text.empty())
        return out;
    out.body = std::string(text);
    if (content_type.starts_with("text/plain"))
        out.body += '\n';
    out.headers.push_back({"Content-Type", std::string(content_type)});
    return out;
}

http_response respond(error const& failure)
{
    // What went wrong inside is for the log; a sender learns that it may try again.
    bool const ours = failure.code == errc::internal || failure.code == errc::unavailable;
    auto out = respond(status_of(failure.code), ours ? std::string_view("try again later") : failure.message);
    if (out.status == 503)
        out.headers.push_back({"Retry-After", "1"});
    if (out.status == 401)
        out.headers.push_back({"WWW-Authenticate", "Basic realm=\"linkspan\""});
    return out;
}

}  // namespace linkspan
