#include "tests/support/environment.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

std::optional<std::filesystem::path> folder_of(char const* variable)
{
    char const* const value = std::getenv(variable);
    if (value == nullptr || !std::filesystem::is_directory(value))
        return std::nullopt;
    return std::filesystem::path(value);
}

}  // namespace

std::optional<std::filesystem::path> payloads()
{
    return folder_of("LINKSPAN_PAYLOADS");
}

std::optional<std::filesystem::path> specs()
{
    return folder_of("LINKSPAN_SPECS");
}

temporary_folder::temporary_folder()
{
    std::string name = (std::filesystem::temp_directory_path() / "linkspan-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
}

temporary_folder::~temporary_folder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string read_file(std::filesystem::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    if (!in)
        throw std::runtime_error("cannot read " + file.string());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

void write_file(std::filesystem::path const& file, std::string_view text)
{
    std::ofstream out(file, std::ios::binary);
    out << text;
    if (!out)
        throw std::runtime_error("cannot write " + file.string());
}

}  // namespace linkspan::test
