#include "core/oauth/form.hpp"
#include "core/oauth/token.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

constexpr std::string_view redirect = "http://localhost:14470/callback";

void expect_refused(result<callback> const& read, std::string_view why)
{
    ASSERT_FALSE(read.has_value()) << why;
    EXPECT_EQ(read.error().code, errc::invalid);
    EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
    EXPECT_EQ(read.error().message.find("canary"), std::string::npos) << read.error().message;
}

TEST(callback, with_a_code)
{
    auto const read = read_callback("/callback?code=SplxlO+B%2BeZ&state=x%20yz").value();
    EXPECT_EQ(read.code.reveal(), "SplxlO B+eZ");
    EXPECT_EQ(read.state.reveal(), "x yz");
    EXPECT_EQ(read.error_code, "");
    EXPECT_EQ(read.words, "");
    // What services add is passed over, and a fragment is none of ours.
    auto const more = read_callback("/callback?&state=s&&scope=a&iss=https%3A%2F%2Fx&code=c&#_=_").value();
    EXPECT_EQ(more.code.reveal(), "c");
    EXPECT_EQ(more.state.reveal(), "s");
    EXPECT_EQ(read_callback("http://localhost:14470/callback?code=c&state=s").value().code.reveal(), "c");
}

TEST(callback, with_a_refusal)
{
    auto const read = read_callback(
                          "/callback?error=access_denied&error_description=%3Cb%3Eno%0a%1b%5b31m%3C%2Fb%3E%ff"
                          "&state=s&code=canary"
    )
                          .value();
    EXPECT_EQ(read.error_code, "access_denied");
    EXPECT_EQ(read.words, "<b>no [31m</b>\xef\xbf\xbd");
    EXPECT_EQ(read.state.reveal(), "s");
    EXPECT_TRUE(read.code.empty());
    EXPECT_EQ(read_callback("/callback?error=%1b%0a&state=s").value().error_code, "unreadable");
    EXPECT_EQ(read_callback("/callback?error=a%1b%0ab&state=s").value().error_code, "ab");
    EXPECT_LE(
        read_callback("/callback?error=x&state=s&error_description=" + std::string(5000, 'x'))
            .value()
            .words.size(),
        400u
    );
}

TEST(callback, of_an_installation)
{
    auto const read = read_callback("/callback?installation_id=123&setup_action=install&state=s").value();
    EXPECT_EQ(read.installation_id, "123");
    EXPECT_EQ(read.setup_action, "install");
    EXPECT_TRUE(read.code.empty());
    EXPECT_EQ(read_callback("/callback?installation_id=1&code=c&state=s").value().code.reveal(), "c");
    expect_refused(
        read_callback("/callback?installation_id=12%2F..&state=s"), "installation_id is no number"
    );
    expect_refused(
        read_callback("/callback?installation_id=123456789012345678901&state=s"),
        "installation_id is no number"
    );
    // An owner has yet to approve it.
    auto const waiting = read_callback("/callback?setup_action=request&state=s").value();
    EXPECT_EQ(waiting.setup_action, "request");
    EXPECT_EQ(waiting.installation_id, "");
    expect_refused(read_callback("/callback?setup_action=install&state=s"), "neither a code nor an error");
    EXPECT_EQ(
        read_callback("/callback?setup_action=a%1bb&installation_id=1&state=s").value().setup_action, "ab"
    );
}

TEST(callback, that_is_none)
{
    expect_refused(read_callback(""), "no state");
    expect_refused(read_callback("/callback"), "no state");
    expect_refused(read_callback("/callback?"), "no state");
    expect_refused(read_callback("/callback?code=canary"), "no state");
    expect_refused(read_callback("/callback?code=canary&state="), "no state");
    expect_refused(read_callback("/callback#code=canary&state=canary"), "no state");
    expect_refused(read_callback("/callback?state=canary"), "neither a code nor an error");
    expect_refused(read_callback("/callback?state=canary&code=&error="), "neither a code nor an error");
    expect_refused(read_callback("/callback?state=canary1&state=canary2&code=c"), "it has state twice");
    expect_refused(read_callback("/callback?state=canary&%73tate=canary&code=c"), "it has state twice");
    expect_refused(read_callback("/callback?state=canary&code=1&code=2"), "it has code twice");
    expect_refused(read_callback("/callback?state=canary&error=1&error=2"), "it has error twice");
    expect_refused(
        read_callback("/callback?state=canary&code=%0acanary"), "a character that no service sends"
    );
    expect_refused(read_callback("/callback?state=canary%00&code=c"), "a character that no service sends");
    expect_refused(read_callback("/callback?state=canary%&code=c"), "bad percent encoding");
    expect_refused(read_callback("/callback?state=canary%zz&code=c"), "bad percent encoding");
    std::string many = "/callback?state=canary&code=c";
    for (std::size_t i = 0; i < form_fields_max; ++i)
        many += "&a=b";
    expect_refused(read_callback(many), "too many parameters");
    expect_refused(
        read_callback("/callback?state=canary&code=" + std::string(callback_bytes_max, 'c')),
        "longer than 8192 bytes"
    );
}

TEST(pasted_callback, is_taken_from_the_address_line)
{
    for (auto const* text :
         {"http://localhost:14470/callback?code=c&state=s",
          "  http://localhost:14470/callback?code=c&state=s\r\n",
          "\"http://localhost:14470/callback?code=c&state=s\"",
          "'http://localhost:14470/callback?code=c&state=s'\n",
          "<http://localhost:14470/callback?code=c&state=s>",
          "http://localhost:14470/callback?state=s&code=c#"})
    {
        auto const read = read_pasted_callback(text, redirect);
        ASSERT_TRUE(read.has_value()) << text;
        EXPECT_EQ(read->code.reveal(), "c") << text;
        EXPECT_EQ(read->state.reveal(), "s") << text;
    }
    EXPECT_EQ(
        read_pasted_callback(
            "https://l.example.com/callback?error=access_denied&state=s", "https://l.example.com/callback"
        )
            .value()
            .error_code,
        "access_denied"
    );
}

TEST(pasted_callback, must_be_ours)
{
    for (auto const* text :
         {"",
          "canary",
          "code=canary&state=canary",
          "/callback?code=canary&state=canary",
          "https://localhost:14470/callback?code=canary&state=canary",
          "http://localhost:14471/callback?code=canary&state=canary",
          "http://localhost:14470/callbacks?code=canary&state=canary",
          "http://localhost:14470/callback/?code=canary&state=canary",
          "http://localhost:14470@evil.example/callback?code=canary&state=canary",
          "http://localhost:14470/start?id=x&ticket=canary"})
        expect_refused(
            read_pasted_callback(text, redirect), "it begins with http://localhost:14470/callback?"
        );
    expect_refused(read_pasted_callback(std::string(redirect), redirect), "no state");
    expect_refused(
        read_pasted_callback(std::string(redirect) + "#code=canary&state=s", redirect), "no state"
    );
    expect_refused(
        read_pasted_callback(std::string(redirect) + "?code=canary&sta\nte=s", redirect),
        "paste it in one piece"
    );
    expect_refused(
        read_pasted_callback(std::string(redirect) + "?" + std::string(callback_bytes_max, 'x'), redirect),
        "longer than 8192 bytes"
    );
}

TEST(form, is_written_and_read)
{
    std::string text;
    add_field(text, "a b", "1&2=3+4%");
    add_field(text, "", "\xff\x01");
    EXPECT_EQ(text, "a%20b=1%262%3D3%2B4%25&=%FF%01");
    std::vector<form_field> const fields = {{"a b", "1&2=3+4%"}, {"", "\xff\x01"}};
    EXPECT_EQ(decode_form(text).value(), fields);
    EXPECT_EQ(encode_form("AZaz09-._~"), "AZaz09-._~");
    std::vector<form_field> const odd = {{"a", ""}, {"b", "x=y"}, {"c", " "}};
    EXPECT_EQ(decode_form("&a&&b=x=y&c=+&").value(), odd);
    EXPECT_TRUE(decode_form("").value().empty());
    for (auto const* bad : {"a=%", "a=%1", "a=%1g", "%=1", "a=%%41"})
        EXPECT_EQ(decode_form(bad).error().code, errc::invalid) << bad;
}

}  // namespace
}  // namespace linkspan
