#pragma once
#include "core/base/error.hpp"
#include "links/net/http.hpp"

#include <string>
#include <string_view>

namespace linkspan
{

// The only table from codes to HTTP statuses.
int status_of(errc code) noexcept;

// The answer to a failed request: the status of its code, and its message as plain text.
http_response respond(error const& failure);
http_response respond(
    int status, std::string_view text, std::string_view content_type = "text/plain; charset=utf-8"
);

}  // namespace linkspan
