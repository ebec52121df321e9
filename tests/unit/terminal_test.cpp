#include "cmd/linkspan/terminal.hpp"

#include "cmd/linkspan/field_input.hpp"
#include "cmd/linkspan/text_table.hpp"
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

TEST_F(terminal_output, the_last_column_ends_where_the_terminal_does)
{
    text_table const table{{"NAME", "WHAT"}, {{"a", std::string(30, 'x') + "Zoë"}, {"b", "short"}}};
    on.columns = 39;  // NAME and a gap are 6
    EXPECT_TRUE(print_table(on, table).empty());
    EXPECT_NE(out.str().find("xxxZoë\n"), std::string::npos) << out.str();
    out.str("");
    on.columns = 38;
    EXPECT_EQ(print_table(on, table), std::vector<std::size_t>{0});
    EXPECT_NE(out.str().find("a     " + std::string(29, 'x') + "...\n"), std::string::npos) << out.str();
    out.str("");
    on.columns = 10;
    print_table(on, table);
    EXPECT_NE(out.str().find("a     " + std::string(17, 'x') + "...\n"), std::string::npos)
        << "as much as says something";
    out.str("");
    on.columns = 0;
    print_table(on, {{"WHAT"}, {{std::string(3'000, 'x')}}});
    EXPECT_EQ(out.str().size(), 3'006U) << "a pipe gets all of it";
}

TEST_F(terminal_output, a_table_that_wraps_keeps_every_word)
{
    text_table table{
        {"RULE", "WHY"}, {{"one", "the commit is no head of its pull request any more"}, {"two", "-"}}};
    table.wraps = true;
    on.columns = 30;
    EXPECT_TRUE(print_table(on, table).empty());
    EXPECT_EQ(
        out.str(),
        "RULE  WHY\n"
        "one   the commit is no head of\n"
        "      its pull request any\n"
        "      more\n"
        "two   -\n"
    );
    out.str("");
    on.columns = 0;
    print_table(on, table);
    EXPECT_NE(out.str().find("head of its pull request any more\n"), std::string::npos)
        << "a pipe gets one line";
}

TEST_F(terminal_output, a_table_that_wraps_fits_whichever_column_is_long)
{
    text_table table{
        {"EVENT", "WHERE", "RULE"}, {{"01a1f7b1", "acme/" + std::string(60, 'Z') + "ö", "reviews"}}};
    table.wraps = true;
    on.columns = 50;
    print_table(on, table);
    EXPECT_EQ(
        out.str(),
        "EVENT     WHERE                            RULE\n"
        "01a1f7b1  acme/" +
            std::string(26, 'Z') + "  reviews\n" + "          " + std::string(31, 'Z') + "\n" +
            "          ZZZö\n"
    );
    out.str("");
    on.columns = 10;
    print_table(on, table);
    EXPECT_NE(out.str().find("01a1f7b1  acme/" + std::string(15, 'Z') + "  reviews\n"), std::string::npos)
        << "as much as says something: " << out.str();
}

TEST_F(terminal_output, times_have_their_year_where_it_is_another)
{
    auto const at = [](char const* text) { return parse_time(text).value(); };
    auto const now = at("2026-12-31T23:59:59Z");
    auto const one = at("2026-11-20T09:30:04.567Z");
    using texts = std::vector<std::string>;
    EXPECT_EQ(short_times({one}, now), texts{"11-20 09:30:04"});
    EXPECT_EQ(
        short_times({at("2025-11-20T09:30:04Z"), one}, now),
        (texts{"2025-11-20 09:30:04", "2026-11-20 09:30:04"})
    );
    EXPECT_EQ(short_times({one}, at("2027-01-01T00:00:00Z")), texts{"2026-11-20 09:30:04"});
    EXPECT_EQ(shown_time(one), "2026-11-20 09:30:04 UTC");
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
