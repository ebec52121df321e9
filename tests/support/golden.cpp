#include "tests/support/golden.hpp"

#include "tests/support/environment.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cstdlib>

namespace linkspan::test
{
namespace
{

void write(std::string& out, boost::json::value const& value, std::string const& indent)
{
    std::string const deeper = indent + "  ";
    std::string_view between = "\n";
    if (auto const* const object = value.if_object(); object != nullptr && !object->empty())
    {
        out += '{';
        for (auto const& [key, member] : *object)
        {
            out.append(between)
                .append(deeper)
                .append(boost::json::serialize(boost::json::string(key)))
                .append(": ");
            write(out, member, deeper);
            between = ",\n";
        }
        out.append("\n").append(indent).append("}");
    }
    else if (auto const* const array = value.if_array(); array != nullptr && !array->empty())
    {
        out += '[';
        for (auto const& element : *array)
        {
            out.append(between).append(deeper);
            write(out, element, deeper);
            between = ",\n";
        }
        out.append("\n").append(indent).append("]");
    }
    else
        out += boost::json::serialize(value);
}

}  // namespace

std::string pretty(boost::json::value const& value)
{
    std::string text;
    write(text, value, "");
    return text + "\n";
}

void expect_golden(std::string_view name, std::string_view text)
{
    auto const file = std::filesystem::path(LINKSPAN_SOURCE_DIR) / "tests" / "golden" / name;
    char const* const update = std::getenv("UPDATE_GOLDEN");
    if (update != nullptr && std::string_view(update) == "1")
    {
        std::filesystem::create_directories(file.parent_path());
        write_file(file, text);
    }
    if (!std::filesystem::exists(file))
        FAIL() << file << " is missing: run with UPDATE_GOLDEN=1";
    EXPECT_EQ(read_file(file), text) << file << " differs: if that is meant, run with UPDATE_GOLDEN=1";
}

}  // namespace linkspan::test
