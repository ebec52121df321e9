#include "cmd/linkspan/sign_in_page.hpp"

namespace linkspan
{
namespace
{

http_response strict(int status)
{
    http_response out(status);
    out.headers = {
        {"Content-Security-Policy",
         "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"}};
    return out;
}

}  // namespace

std::string escaped_for_html(std::string_view text)
{
    std::string out;
    for (char const c : text)
    {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&#39;";
        else
            out += c;
    }
    return out;
}

http_response sign_in_page(int status, std::string_view heading, std::string_view text)
{
    auto out = strict(status);
    out.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    auto const title = escaped_for_html(heading);
    out.body =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<link rel=\"icon\" "
        "href=\"data:,\">\n<title>Linkspan: " +
        title + "</title>\n</head>\n<body>\n<h1>" + title + "</h1>\n<p>" + escaped_for_html(text) +
        "</p>\n</body>\n</html>\n";
    return out;
}

http_response sign_in_redirect(std::string_view to)
{
    auto out = strict(302);
    out.headers.push_back({"Location", std::string(to)});
    return out;
}

http_response sign_in_head()
{
    auto out = strict(200);
    out.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    return out;
}

}  // namespace linkspan
