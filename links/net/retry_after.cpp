#include "links/net/retry_after.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace linkspan
{

std::optional<milliseconds> retry_after_of(http_response const& answer)
{
    auto const header = find_header(answer.headers, "Retry-After");
    std::int64_t number = 0;
    auto const [end, failure] = std::from_chars(header.data(), header.data() + header.size(), number);
    bool const whole = end == header.data() + header.size();
    if (failure == std::errc::result_out_of_range && whole && !header.starts_with('-'))
        return retry_after_max;
    if (failure != std::errc() || !whole || number < 0)
        return std::nullopt;
    return std::min(seconds(number), retry_after_max);
}

}  // namespace linkspan
