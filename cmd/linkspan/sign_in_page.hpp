#pragma once
#include "links/net/http.hpp"

#include <string>
#include <string_view>

namespace linkspan
{

// What a person's browser is shown: a heading and a paragraph, both escaped, without script, style or
// picture. No page of a sign-in is kept, framed, or named to another site as where its visitor came from.
http_response sign_in_page(int status, std::string_view heading, std::string_view text);

// 302 with the same headers.
http_response sign_in_redirect(std::string_view to);

// For a verb that asks for nothing but the head: it does nothing.
http_response sign_in_head();

std::string escaped_for_html(std::string_view text);

}  // namespace linkspan
