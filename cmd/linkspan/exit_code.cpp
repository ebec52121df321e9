#include "cmd/linkspan/exit_code.hpp"

namespace linkspan
{

int exit_code_of(errc code) noexcept
{
    switch (code)
    {
        case errc::none:
            return 0;
        case errc::internal:
            return 1;
        case errc::invalid:
            return 2;
        case errc::not_found:
            return 3;
        case errc::conflict:
            return 4;
        case errc::unauthorized:
            return 5;
        case errc::unavailable:
            return 6;
        case errc::timeout:
            return 7;
        case errc::rate_limited:
            return 8;
        case errc::cancelled:
            return 9;
    }
    return 1;
}

}  // namespace linkspan
