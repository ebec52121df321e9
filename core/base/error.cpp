#include "core/base/error.hpp"

#include <stdexcept>

namespace linkspan
{

std::string_view name_of(errc code) noexcept
{
    switch (code)
    {
        case errc::none:
            return "none";
        case errc::invalid:
            return "invalid";
        case errc::unauthorized:
            return "unauthorized";
        case errc::not_found:
            return "not_found";
        case errc::conflict:
            return "conflict";
        case errc::rate_limited:
            return "rate_limited";
        case errc::unavailable:
            return "unavailable";
        case errc::timeout:
            return "timeout";
        case errc::cancelled:
            return "cancelled";
        case errc::internal:
            return "internal";
    }
    return "internal";
}

void throw_exception_from_error(error const& failure, boost::source_location const& where)
{
    throw std::runtime_error(
        std::string(name_of(failure.code)) + ": " + failure.message + " (" + where.to_string() + ")"
    );
}

}  // namespace linkspan
