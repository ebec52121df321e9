#pragma once
#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace linkspan
{

// Why an operation failed, as far as a caller can act on it.
enum class errc
{
    none,
    invalid,       // The input is wrong; the same call fails again. Correct it.
    unauthorized,  // Proof of identity is missing or wrong. Give another one.
    not_found,     // The thing named does not exist.
    conflict,      // It exists already, or somebody else holds it.
    rate_limited,  // Too often. Wait, then try again.
    unavailable,   // A part that is needed does not work now. Try again later.
    timeout,       // Nothing was heard in time; what happened is not known.
    cancelled,     // The program is stopping.
    internal,      // A fault of the program. Report it.
};

// The published name of a code, for logs and --json.
std::string_view name_of(errc code) noexcept;

struct error
{
    errc code = errc::none;
    std::string message;  // Lower case, no full stop, says what was tried on which thing. Never a secret.
    boost::source_location where;

    error() = default;  // Boost 1.81 result<T, E>::error() needs it.
    error(errc code, std::string message, boost::source_location where = BOOST_CURRENT_LOCATION)
        : code(code), message(std::move(message)), where(where)
    {
    }
};

// Lets result<T>::value() throw; only tests call it.
[[noreturn]] void throw_exception_from_error(error const& failure, boost::source_location const& where);

// A value or an error. Boost 1.81's own result may be ignored in silence; this one may not.
template <class T = void>
class [[nodiscard]] result : public boost::system::result<T, error>
{
public:
    using boost::system::result<T, error>::result;
};

}  // namespace linkspan
