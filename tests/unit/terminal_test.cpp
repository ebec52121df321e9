#include "cmd/linkspan/terminal.hpp"

#include "cmd/linkspan/field_input.hpp"
#include "links/registry.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <sstream>

namespace linkspan
{
namespace
{

class terminal_output : public testing::Test
{
protected:
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in;
    terminal on{out, err, in};
};

TEST_F(terminal_output, tables_are_aligned_by_characters_and_made_safe)
{
    print_table(on, {{"NAME", "WHAT"}, {{"Zoë", "a"}, {"long name", "b\x1b[31m\nc"}}});
    EXPECT_EQ(out.str(), "NAME       WHAT\nZoë        a\nlong name  b c\n");
}

TEST_F(terminal_output, json_is_indented_and_stays_json)
{
    auto const document = boost::json::parse(R"({"a":[1,{"b":"x\"\n"}],"c":{},"d":[],"e":null,"f":1.5})");
    print_json(out, document);
    EXPECT_EQ(boost::json::parse(out.str()), document);
    EXPECT_TRUE(out.str().starts_with("{\n  \"a\": [\n    1,\n    {\n      \"b\": "));
}

TEST_F(terminal_output, errors_and_warnings_go_to_standard_error)
{
    print_error(on, error(errc::conflict, "it is \x1b[2Jthere"), false);
    print_warning(on, "careful");
    EXPECT_EQ(err.str(), "linkspan: it is there\nwarning: careful\n");
    on.err_colour = true;
    err.str("");
    print_error(on, error(errc::conflict, "no"), false);
    EXPECT_EQ(err.str(), "\x1b[31mlinkspan:\x1b[0m no\n");
    EXPECT_EQ(out.str(), "");
}

TEST_F(terminal_output, only_a_clear_yes_is_one)
{
    for (auto const& [typed, is_yes] :
         {std::pair{"y\n", true},
          {"yes\n", true},
          {"Y\n", true},
          {"\n", false},
          {"n\n", false},
          {"yo\n", false},
          {"", false}})
    {
        in.clear();
        in.str(typed);
        EXPECT_EQ(ask_yes(on, "Sure?"), is_yes) << typed;
    }
}

TEST_F(terminal_output, json_holds_nothing_that_a_terminal_obeys)
{
    boost::json::object document;
    document["\u009b1m"] = "\u009b2J\u202eevil";
    print_json(out, document);
    EXPECT_EQ(out.str(), "{\n  \"\\u009b1m\": \"\\u009b2J\\u202eevil\"\n}\n");
}

TEST_F(terminal_output, fields_are_asked_for_by_what_they_are)
{
    auto const& kind = *find_template("bitbucket-dc-webhook");
    on.is_terminal = true;
    in.str("bot\n");
    std::string asked;
    on.ask_hidden = [&](std::string_view question) -> result<secret>
    {
        asked = question;
        return secret("typed");
    };
    auto const fields = read_fields(on, kind, {"basic_user", "basic_password", "instance=https://x.example"});
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->at("basic_user").reveal(), "bot");
    EXPECT_EQ(fields->at("basic_password").reveal(), "typed");
    EXPECT_EQ(fields->at("instance").reveal(), "https://x.example");
    EXPECT_EQ(asked, "basic_password (not shown): ");
    EXPECT_EQ(err.str().find("warning"), std::string::npos)
        << "what is no secret may stand on the command line";
    EXPECT_EQ(read_fields(on, kind, {"basic_user"}).error().code, errc::cancelled) << "the input has ended";
}

TEST_F(terminal_output, a_value_may_hold_every_character)
{
    auto const& kind = *find_template("bitbucket-webhook");
    for (std::string const value : {"a=b", "=", "a@b", "--", "ä €"})
    {
        auto const fields = read_fields(on, kind, {"webhook_secret=" + value});
        ASSERT_TRUE(fields) << value;
        EXPECT_EQ(fields->at("webhook_secret").reveal(), value);
    }
    in.str("two\nlines\n");
    EXPECT_EQ(read_fields(on, kind, {"webhook_secret=-"})->at("webhook_secret").reveal(), "two\nlines");
}

}  // namespace
}  // namespace linkspan
