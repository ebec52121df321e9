#include "store/grants.hpp"
#include "store/store.hpp"
#include "store/uses.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/run_program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/string.hpp>
#include <gtest/gtest.h>

// export-links and import-links: what goes out comes in again, and nothing else does.

namespace linkspan::test
{
namespace
{

class link_bundle : public testing::Test
{
protected:
    link_bundle()
    {
        words = write_private(from, "words", "correct horse battery\n");
        std::string const bytes("any bytes: \xff\x00\"\\\n are kept", 26);
        from.write("hook.secret", bytes);
        hook = create(
            from,
            {"--template",
             "bitbucket-webhook",
             "--name",
             "hook",
             "--kv",
             "webhook_secret=@" + path("hook.secret")}
        );
        from.write("client", "client-secret-1");
        oauth = create(
            from,
            {"--template",
             "bitbucket-app-oauth",
             "--name",
             "service",
             "--kv",
             "client_id=client-1",
             "--kv",
             "client_secret=@" + path("client")}
        );
        put_tokens();
    }

    std::string path(std::string const& name) const { return (from.folder() / name).string(); }

    static std::string write_private(program_profile& in, std::string const& name, std::string const& text)
    {
        auto const file = in.write(name, text);
        std::filesystem::permissions(file, std::filesystem::perms(0600));
        return file.string();
    }

    static std::string create(program_profile& in, std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), {"create-link", "--json"});
        auto const made = in.run(arguments);
        EXPECT_EQ(made.code, 0) << made.err;
        return made.code == 0 ? std::string(made.json().at("id").as_string()) : std::string();
    }

    // Three consents: the last token in use is the third.
    void put_tokens()
    {
        auto database = command_store::open(from.database());
        auto const keys = vault::open(from.master_key());
        database
            ->write<int>(
                parse_time("2026-11-20T09:00:00Z").value(),
                [&](transaction& tx) -> result<int>
                {
                    for (int i = 1; i <= 3; ++i)
                    {
                        token_set tokens;
                        tokens.access_token = secret("access-token-" + std::to_string(i));
                        tokens.refresh_token = secret("refresh-token-" + std::to_string(i));
                        tokens.token_type = "Bearer";
                        tokens.scopes = "read write";
                        tokens.obtained_at = tx.now();
                        tokens.expires_at = tx.now() + std::chrono::hours(2);
                        if (auto const put = put_consent(tx, *keys, link_id(oauth), tokens); !put)
                            return put.error();
                    }
                    return put_facts(tx, link_id(oauth), {{"account", "Ada Example"}}) ? 0 : 1;
                }
            )
            .value();
    }

    // What is known of the OAuth link's tokens in a profile: "access refresh generation account".
    static std::string tokens_in(program_profile const& in, std::string const& id)
    {
        auto database = command_store::open(in.database());
        auto const keys = vault::open(in.master_key());
        return database
            ->read<std::string>(
                parse_time("2026-11-20T09:00:00Z").value(),
                [&](transaction& tx) -> result<std::string>
                {
                    auto const tokens = open_token(tx, *keys, link_id(id));
                    if (!tokens)
                        return tokens.error();
                    auto const grant = find_grant(tx, link_id(id));
                    auto const facts = list_facts(tx, link_id(id));
                    return std::string(tokens->access_token.reveal()) + " " +
                           std::string(tokens->refresh_token.reveal()) + " " +
                           std::to_string(grant->generation) + " " + facts->at("account");
                }
            )
            .value();
    }

    program_run export_to(std::string const& file)
    {
        return from.run({"export-links", file, "--export-passphrase-file", words});
    }
    program_run import(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "import-links");
        arguments.insert(arguments.end(), {"--export-passphrase-file", words});
        return to.run(arguments);
    }

    program_profile from;
    program_profile to;
    std::string words;
    std::string hook;
    std::string oauth;
};

TEST_F(link_bundle, carries_links_whole_to_another_machine)
{
    auto const file = path("links.export");
    auto const exported = export_to(file);
    ASSERT_EQ(exported.code, 0) << exported.err;
    EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0600));
    for (auto const* text : {"client-secret-1", "access-token", "refresh-token", "hook", "service", "Ada"})
        EXPECT_EQ(read_file(file).find(text), std::string::npos) << text;

    auto const told = import({file, "--dry-run"});
    EXPECT_EQ(told.code, 0) << told.err;
    EXPECT_NE(told.out.find("add"), std::string::npos) << told.out;
    EXPECT_NE(told.err.find("Nothing was changed"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(to.database())) << "a dry run makes nothing";

    ASSERT_EQ(import({file}).code, 0);
    EXPECT_EQ(tokens_in(to, oauth), "access-token-3 refresh-token-3 3 Ada Example");
    for (auto const* link : {"hook", "service"})
        EXPECT_EQ(
            from.run({"get-creds", link, "--reveal", "--json"}).json().at("fields"),
            to.run({"get-creds", link, "--reveal", "--json"}).json().at("fields")
        );
    auto const audit = from.run({"audit", "--json"});
    EXPECT_NE(audit.out.find("export"), std::string::npos);
}

TEST_F(link_bundle, refuses_what_exists_unless_told_to_replace_it)
{
    auto const file = path("links.export");
    ASSERT_EQ(export_to(file).code, 0);
    ASSERT_EQ(import({file}).code, 0);
    auto const again = import({file});
    EXPECT_EQ(again.code, 4);
    EXPECT_NE(again.err.find("--replace"), std::string::npos) << again.err;
    auto const told = import({file, "--dry-run"});
    EXPECT_EQ(told.code, 4) << "a dry run ends as the import would";
    EXPECT_NE(told.out.find("refuse"), std::string::npos) << told.out;

    ASSERT_EQ(import({file, "--replace"}).code, 0);
    EXPECT_EQ(tokens_in(to, oauth), "access-token-3 refresh-token-3 6 Ada Example")
        << "no generation comes twice";

    // A link of the same name that is another one.
    to.run({"delete-link", "hook", "--yes"});
    auto const other = create(to, {"--template", "console", "--name", "hook"});
    EXPECT_EQ(import({file, "hook"}).code, 4);
    auto const replaced = import({file, "hook", "--replace", "--json"});
    ASSERT_EQ(replaced.code, 0) << replaced.err;
    EXPECT_EQ(replaced.json().at("links").at(0).at("replaces").at(0).as_string(), other);
    EXPECT_EQ(to.run({"get-link", "hook", "--json"}).json().at("id").as_string(), hook);
    EXPECT_EQ(to.run({"get-link", other}).code, 3);
}

TEST_F(link_bundle, carries_only_the_links_that_are_named)
{
    auto const file = path("one.export");
    ASSERT_EQ(from.run({"export-links", file, "service", oauth, "--export-passphrase-file", words}).code, 0)
        << "named twice, by name and id, is one link";
    ASSERT_EQ(import({file}).code, 0);
    EXPECT_EQ(to.run({"list-links", "--json"}).json().at("links").as_array().size(), 1u);
    auto const missing = import({file, "hook"});
    EXPECT_EQ(missing.code, 3);
    EXPECT_NE(missing.err.find("the export has no link hook"), std::string::npos) << missing.err;
    EXPECT_EQ(from.run({"export-links", path("x"), "nothing", "--export-passphrase-file", words}).code, 3);
    EXPECT_FALSE(std::filesystem::exists(path("x")));
}

TEST_F(link_bundle, goes_through_pipes)
{
    auto const exported = export_to("-");
    ASSERT_EQ(exported.code, 0) << exported.err;
    auto const imported = to.run({"import-links", "-", "--export-passphrase-file", words}, exported.out);
    ASSERT_EQ(imported.code, 0) << imported.err;
    EXPECT_EQ(tokens_in(to, oauth), "access-token-3 refresh-token-3 3 Ada Example");
}

TEST_F(link_bundle, has_standard_output_for_itself)
{
    auto const refused = from.run({"export-links", "-", "--json", "--export-passphrase-file", words});
    EXPECT_EQ(refused.code, 2);
    EXPECT_EQ(refused.out, "");
    auto const said = boost::json::parse(refused.err);
    EXPECT_NE(
        said.at("error").at("message").as_string().find("give a file, or leave --json away"),
        boost::json::string::npos
    ) << refused.err;
    auto const audit = from.run({"audit", "--json"});
    EXPECT_EQ(audit.out.find("export-links"), std::string::npos) << "nothing was exported";
    auto const exported =
        from.run({"export-links", path("links.export"), "--json", "--export-passphrase-file", words});
    ASSERT_EQ(exported.code, 0) << exported.err;
    EXPECT_EQ(exported.json().at("file").as_string(), path("links.export"));
    EXPECT_EQ(exported.json().at("links").as_int64(), 2);
}

TEST_F(link_bundle, asks_for_a_new_passphrase_twice_and_for_a_known_one_once)
{
    auto const file = path("links.export");
    auto const differs = from.run_on_terminal(
        {"export-links", file}, {{"New passphrase", "correct horse\n"}, {"Once more", "correct house\n"}}
    );
    EXPECT_EQ(differs.code, 2);
    EXPECT_FALSE(std::filesystem::exists(file));
    auto const exported = from.run_on_terminal(
        {"export-links", file}, {{"New passphrase", "correct horse\n"}, {"Once more", "correct horse\n"}}
    );
    ASSERT_EQ(exported.code, 0) << exported.err;
    EXPECT_EQ(
        to.run_on_terminal({"import-links", file}, {{"Passphrase of " + file, "correct horse\n"}}).code, 0
    );
    EXPECT_EQ(from.run({"export-links", path("x")}).code, 2) << "nobody to ask";
}

TEST_F(link_bundle, says_what_is_wrong_with_a_file)
{
    auto const file = path("links.export");
    ASSERT_EQ(export_to(file).code, 0);
    EXPECT_EQ(export_to(file).code, 4) << "no file is written over";
    auto const good = read_file(file);
    auto const expect = [&](std::string const& name, int code, std::string const& part)
    {
        auto const refused = import({path(name)});
        EXPECT_EQ(refused.code, code) << name << refused.err;
        EXPECT_NE(refused.err.find(part), std::string::npos) << name << refused.err;
    };
    expect("none", 3, "/none: cannot be read: there is no such file");
    from.write("cut", good.substr(0, good.size() / 2));
    expect("cut", 2, "is cut short");
    auto altered = good;
    altered[good.size() - 10] = altered[good.size() - 10] == '0' ? '1' : '0';
    from.write("altered", altered);
    expect("altered", 5, "was altered");
    from.write("foreign", "PK\x03\x04 something else");
    expect("foreign", 2, "is no export of linkspan");
    from.write("empty", "");
    expect("empty", 2, "is no export of linkspan");
    std::filesystem::create_directory(path("folder"));
    expect("folder", 2, "/folder: cannot be read: it is a folder");
    words = write_private(from, "other", "another passphrase\n");
    expect("links.export", 5, "the passphrase does not open");
    EXPECT_FALSE(std::filesystem::exists(to.database()));
}

}  // namespace
}  // namespace linkspan::test
