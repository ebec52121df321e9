#include "cmd/linkspan/config.hpp"
#include "tests/support/config_texts.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace linkspan
{
namespace
{

std::string repeated(std::string_view part, std::size_t bytes)
{
    std::string out;
    out.reserve(bytes + part.size());
    while (out.size() < bytes)
        out += part;
    return out;
}

TEST(config_bytes, that_are_no_configuration_are_faults)
{
    constexpr std::size_t much = config_bytes_max - 100;
    std::vector<std::string> const texts = {
        std::string(1, '\0'),
        std::string("[server]\nlisten = \"a\0b\"\n", 25),
        std::string(much, '\0'),
        "[server]\nlisten = \"\xff\xfe\"\n",
        "\xff",
        "\xc3",
        "[server]\n\xed\xa0\x80 = 1\n",
        "a = \"\xf4\x90\x80\x80\"",
        "g\xef\xbb\xbe",
        "\xc3\xa9 = 1",
        "[server]\n\"\xc3\xa9\" = \xc3\xa9",
        "\r",
        "\r\r\r",
        "\x1b[31m",
        "\xef\xbb",
        repeated("[", much),
        "a = " + repeated("[", much),
        "a = " + repeated("{a=", much),
        "a = " + repeated("[{a=", much),
        repeated("a.", much) + "a = 1",
        "[" + repeated("a.", much) + "a]",
        repeated("\"a\".", much) + "a = 1",
        "a = " + repeated(std::string("[\n{") + repeated("a.", 400) + "a=", much - 1000),
        repeated("[[a]]\n", much),
        repeated("[[source]]\n", much),
        repeated("[[source.a]]\n", much),
        repeated("[[source]]\n[[source.a]]\n", much),
        "rule = [" + repeated("{},", much) + "]",
        "[server]\nretry_seconds = [" + repeated("1,", much) + "]",
        "[server]\nretry_seconds = [" + repeated("[],", much) + "]",
        "[server]\nlisten = \"" + std::string(much, 'x') + "\"",
        "[server]\n" + std::string(much, 'x') + " = 1",
        "[server]\n\"" + repeated("\\u0007", 600) + "\" = 1",
        "[" + std::string(much, 'x') + "]",
        "a = " + std::string(much, '1'),
        "a = \"\"\"" + std::string(much, '\n'),
        std::string(config_bytes_max + 1, ' '),
        std::string(config_bytes_max + 1, '['),
    };
    for (std::size_t i = 0; i < texts.size(); ++i)
    {
        auto const loaded = parse_config(texts[i], "config.toml");
        EXPECT_LE(loaded.problems.faults.size(), config_faults_max + 1) << i;
        EXPECT_FALSE(loaded.problems.faults.empty()) << i << ": " << texts[i].substr(0, 40);
        for (auto const& fault : loaded.problems.faults)
            for (char const c : fault.message)
                ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << i;
    }
}

TEST(config_bytes, of_every_prefix_of_the_example_are_survived)
{
    auto const text = test::read_file(std::string(LINKSPAN_SOURCE_DIR) + "/config.toml.example");
    for (std::size_t size = 0; size < text.size(); size += 3)
    {
        (void)parse_config(text.substr(0, size), "config.toml");
        auto broken = text;
        broken[size] = static_cast<char>(size);
        (void)parse_config(broken, "config.toml");
    }
}

TEST(config_bytes, up_to_the_limit_are_read)
{
    EXPECT_EQ(test::faults_of(std::string(config_bytes_max, '\n')), "");
    EXPECT_EQ(
        test::faults_of(std::string(config_bytes_max + 1, '\n')),
        "config.toml: holds more than 1048576 bytes; is it the right one?\n"
    );
    EXPECT_EQ(
        test::faults_of("[server]\n" + repeated("a.", 600) + "a = 1\n"),
        "config.toml:2: more than 256 dots in one line; break it into more lines\n"
    );
    EXPECT_EQ(test::faults_of("\xef\xbb\xbf[server]\r\nlog_level = \"debug\"\r\n"), "");
}

}  // namespace
}  // namespace linkspan
