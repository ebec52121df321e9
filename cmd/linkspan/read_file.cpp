#include "cmd/linkspan/read_file.hpp"

#include "core/base/utf8.hpp"

#include <boost/algorithm/string/case_conv.hpp>

#include <cerrno>
#include <fstream>
#include <istream>
#include <system_error>

namespace linkspan
{
namespace
{

constexpr std::size_t step = 64u << 10;
constexpr std::size_t file_name_bytes_max = 200;

error unreadable(errc code, std::string const& why)
{
    return error(code, "cannot be read: " + why);
}

error unopened(int code)
{
    if (code == ENOENT || code == ENOTDIR)
        return unreadable(errc::not_found, "there is no such file");
    return unreadable(
        errc::unavailable, boost::algorithm::to_lower_copy(std::generic_category().message(code))
    );
}

}  // namespace

result<std::string> read_all(std::istream& from, std::size_t bytes_max)
{
    std::string out;
    while (from && out.size() <= bytes_max)
    {
        auto const begin = out.size();
        out.resize(begin + step);
        from.read(out.data() + begin, static_cast<std::streamsize>(step));
        out.resize(begin + static_cast<std::size_t>(from.gcount()));
    }
    if (from.bad())
        return unreadable(errc::unavailable, "input error");
    if (out.size() > bytes_max)
        return error(
            errc::invalid, "holds more than " + std::to_string(bytes_max) + " bytes; is it the right one?"
        );
    return out;
}

result<std::string> read_file(std::filesystem::path const& file, std::size_t bytes_max)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored))
        return unreadable(errc::invalid, "it is a folder");
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return unopened(errno);
    return read_all(in, bytes_max);
}

error with_name(std::string const& name, error const& failure)
{
    return error(failure.code, plain_line(name, file_name_bytes_max) + ": " + failure.message);
}

error no_such_file(std::string const& name)
{
    return with_name(name, unopened(ENOENT));
}

result<std::string> read_named(std::string const& name, std::istream& standard_input, std::size_t bytes_max)
{
    bool const is_input = name == "-";
    auto text = is_input ? read_all(standard_input, bytes_max) : read_file(name, bytes_max);
    if (!text)
        return with_name(is_input ? "standard input" : name, text.error());
    return text;
}

}  // namespace linkspan
