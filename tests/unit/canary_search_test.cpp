#include "tests/support/canary_search.hpp"

#include "tests/support/environment.hpp"
#include "tests/support/test_keys.hpp"

#include <gtest/gtest.h>

// The silence of the search means something: it finds what other programs wrote. Nothing here is made by its
// own encoders.

namespace linkspan::test
{
namespace
{

constexpr char canary[] = "planted \"k\\/+&=%<>\t-5f0c1e77~a9";

constexpr std::string_view written[] = {
    // As it is.
    "planted \"k\\/+&=%<>\t-5f0c1e77~a9",
    // Base64, alone, behind one byte and behind two, of both alphabets; "; and more" follows.
    "cGxhbnRlZCAia1wvKyY9JTw+CS01ZjBjMWU3N35hOTsgYW5kIG1vcmU=",
    "cGxhbnRlZCAia1wvKyY9JTw-CS01ZjBjMWU3N35hOTsgYW5kIG1vcmU=",
    "YXBsYW50ZWQgImtcLysmPSU8PgktNWYwYzFlNzd+YTk7IGFuZCBtb3Jl",
    "YXBsYW50ZWQgImtcLysmPSU8PgktNWYwYzFlNzd-YTk7IGFuZCBtb3Jl",
    "YmNwbGFudGVkICJrXC8rJj0lPD4JLTVmMGMxZTc3fmE5OyBhbmQgbW9yZQ==",
    // Hexadecimal.
    "706c616e74656420226b5c2f2b263d253c3e092d35663063316537377e6139",
    "706C616E74656420226B5C2F2B263D253C3E092D35663063316537377E6139",
    // In a URL, in lower case, and in a form.
    "planted%20%22k%5C%2F%2B%26%3D%25%3C%3E%09-5f0c1e77~a9",
    "planted%20%22k%5c%2f%2b%26%3d%25%3c%3e%09-5f0c1e77~a9",
    "planted+%22k%5C%2F%2B%26%3D%25%3C%3E%09-5f0c1e77~a9",
    // In JSON: what must be escaped, the slash too, what HTML minds, everything by number.
    R"(planted \"k\\/+&=%<>\t-5f0c1e77~a9)",
    R"(planted \"k\\\/+&=%<>\t-5f0c1e77~a9)",
    R"(planted \"k\\/+\u0026=%\u003c\u003e\t-5f0c1e77~a9)",
    R"(planted\u0020\u0022k\u005c\u002f\u002b\u0026\u003d\u0025\u003c\u003e\u0009-5f0c1e77\u007ea9)",
};

TEST(canary_search, finds_what_others_wrote)
{
    canary_search const search({"something else", canary});
    for (auto const text : written)
    {
        temporary_folder const folder;
        EXPECT_EQ(search.find_below(folder.path()), "");
        std::filesystem::create_directory(folder.path() / "deep");
        write_file(folder.path() / "deep" / "log", "why=\"" + std::string(text) + "\" and more\n");
        EXPECT_TRUE(search.find_below(folder.path()).starts_with("log holds ")) << text;
        EXPECT_NE(search.find_in(text), "") << text;
    }
}

TEST(canary_search, passes_by_what_is_something_else_and_what_feeds_the_program)
{
    canary_search const search({canary});
    EXPECT_EQ(search.find_in("planted \"k\\/+&=%<>\t-5f0c1e77~a8"), "");
    EXPECT_EQ(search.find_in(""), "");
    temporary_folder const folder;
    write_file(folder.path() / "in.canary", canary);
    EXPECT_EQ(search.find_below(folder.path()), "");
    EXPECT_THROW(canary_search({"short"}), std::logic_error);
}

TEST(canary_search, looks_for_each_line_of_a_key)
{
    auto const pem = rsa_key(key_form::pkcs1);
    canary_search const search(canaries_of_pem(pem));
    auto const middle = pem.find('\n', pem.size() / 2) + 1;
    EXPECT_NE(search.find_in("a line " + pem.substr(middle, 64) + " alone"), "");
    auto on_one_line = pem;
    std::erase(on_one_line, '\n');
    EXPECT_NE(search.find_in(on_one_line), "");
    EXPECT_EQ(search.find_in("-----BEGIN RSA PRIVATE KEY-----"), "");
    EXPECT_THROW(canaries_of_pem("no key"), std::logic_error);
}

}  // namespace
}  // namespace linkspan::test
