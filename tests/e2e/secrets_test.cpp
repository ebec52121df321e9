#include "links/net/base64.hpp"
#include "links/net/hmac.hpp"
#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/canary_search.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"
#include "tests/support/served_program.hpp"
#include "tests/support/signing_in.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <sstream>

// None of the secrets that the program was given is in its database, its WAL, its logs or what it prints.

namespace linkspan::test
{
namespace
{

// A secret with characters that JSON escapes, and long enough to be found by parts.
constexpr char hook_canary[] = "canary-hook-\"\\/-5f0c1e77a9d24b";
constexpr char basic_canary[] = "canary-basic-\t8c21-77e0b1f4d9";
constexpr char token_canary[] = "xoxb-canary-9e3b7712c4aa41d8";

// The keys of a key file, as it writes them and as bytes.
std::vector<std::string> canaries_of_key_file(std::filesystem::path const& file)
{
    std::vector<std::string> out;
    std::istringstream words(read_file(file));
    for (std::string word; words >> word;)
        if (word.size() == 64)
        {
            out.push_back(word);
            std::string bytes;
            for (std::size_t i = 0; i < word.size(); i += 2)
                bytes += static_cast<char>(std::stoi(word.substr(i, 2), nullptr, 16));
            out.push_back(bytes);
        }
    return out;
}

std::string signature_bytes(std::string const& key, std::string_view body)
{
    auto const mac = hmac_sha256(secret(key), body);
    return std::string(mac.begin(), mac.end());
}

TEST(secrets, are_nowhere_but_sealed)
{
    slack_simulator slack;
    slack.add_token(token_canary);
    program_profile profile;
    profile.write("hook.canary", hook_canary);
    profile.write("basic.canary", basic_canary);
    profile.write("token.canary", token_canary);
    auto const file = [&](char const* name) { return "=@" + (profile.folder() / name).string(); };
    std::string said;
    auto const run = [&](std::vector<std::string> const& arguments)
    {
        auto const done = profile.run(arguments);
        said += done.out + done.err;
        return done.code;
    };
    ASSERT_EQ(
        run(
            {"create-link",
             "--template",
             "bitbucket-dc-webhook",
             "--name",
             "hook",
             "--kv",
             "webhook_secret" + file("hook.canary"),
             "--kv",
             "basic_user=ci",
             "--kv",
             "basic_password" + file("basic.canary"),
             "--kv",
             "instance=https://bitbucket.example.com"}
        ),
        0
    ) << said;
    ASSERT_EQ(
        run(
            {"create-link",
             "--template",
             "slack-bot-token",
             "--name",
             "slack",
             "--kv",
             "bot_token" + file("token.canary"),
             "--kv",
             "api_url=" + slack.api_url()}
        ),
        0
    ) << said;
    profile.write_config(R"([server]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"
log_level = "debug"
retry_seconds = [1]
[[source]]
name = "dc"
edition = "data_center"
instance = "https://bitbucket.example.com"
webhook = "hook"
[[destination]]
name = "builds"
link = "slack"
channel = "C0000000001"
[[rule]]
destinations = ["builds"]
)");
    std::string answered;
    {
        served_program program(profile);
        slack.script({slack_fault::status(500), slack_fault::error("invalid_auth")});
        EXPECT_EQ(run({"send-sample", "hook", "--story"}), 0) << said;
        auto wrong =
            delivery_to(program.public_url(), "hook", edition::data_center, "pr:opened", "{}", "another");
        wrong.headers.push_back({"Authorization", "Basic " + encode_base64(std::string("ci:") + basic_canary)}
        );
        answered += exchange_with(wrong).body;
        answered += get(program.admin_url() + "/metrics").body;
        EXPECT_EQ(run({"get-link", "hook"}), 0);
        EXPECT_EQ(run({"get-link", "slack", "--json"}), 0);
        EXPECT_EQ(run({"list-links", "--json"}), 0);
        EXPECT_EQ(run({"check", "--json"}), 0) << said;
        EXPECT_EQ(run({"events", "--json"}), 0);
        ASSERT_TRUE(eventually([&] { return slack.calls() > 1; }));
        program.signal(SIGTERM);
        EXPECT_EQ(program.wait(), 0);
    }
    // A second life, that ends by force: its WAL stays.
    served_program(profile).kill_hard();

    auto canaries = canaries_of_key_file(profile.master_key());
    ASSERT_EQ(canaries.size(), 2u) << "the master key's own text, and its bytes";
    std::filesystem::rename(profile.master_key(), profile.folder() / "master.canary");
    canaries.insert(canaries.end(), {hook_canary, basic_canary, token_canary});
    // Of the delivery that was refused: the signature that would have been right, and the one that it had.
    canaries.insert(canaries.end(), {signature_bytes(hook_canary, "{}"), signature_bytes("another", "{}")});
    canary_search const search(canaries);
    profile.write("said.txt", said + answered);
    EXPECT_EQ(search.find_below(profile.folder()), "");
    EXPECT_NE(served_program::log_of(profile).find("signature is wrong"), std::string::npos)
        << "the refusal was logged";
    ASSERT_TRUE(std::filesystem::exists(profile.database().string() + "-wal")) << "it was searched too";
    profile.write("planted", encode_base64(std::string("user:") + basic_canary));
    EXPECT_NE(search.find_below(profile.folder()), "") << "as the header of a delivery has it";
}

// --- an OAuth link: every way in, every way out
// ---------------------------------------------------------------------------------------------

constexpr char client_canary[] = "canary-client/+&=%-41d8a7c2f0";
constexpr char typed_canary[] = "canary-typed-%7e0b1f4d9-<b>";
constexpr char piped_canary[] = "canary-piped-'$(x)'-93c1d27a";
constexpr char argued_canary[] = "canary-argued?#-2b7d90e1c4";
constexpr char asked_canary[] = "canary-asked/\\\"-0d3c5e77";
constexpr char updated_canary[] = "canary-updated=&+-61f0a9";
constexpr char key_canary[] = "canary words of the key-88d1";
constexpr char export_canary[] = "canary words of the export-7c";

class secrets_of_sign_in : public signing_in
{
protected:
    secrets_of_sign_in() : signing_in(settings())
    {
        profile.write_config(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nlog_level = \"debug\"\n"
        );
        keep("client.canary", client_canary);
        key_words_ = keep("key.canary", key_canary);
        export_words_ = keep("export.canary", export_canary);
    }

    static provider_settings settings()
    {
        auto out = provider_settings::cloud();
        out.client_secret = client_canary;
        return out;
    }

    std::string keep(std::string const& name, std::string const& text)
    {
        auto const file = profile.write(name, text);
        std::filesystem::permissions(file, std::filesystem::perms(0600));
        return file.string();
    }

    // Runs the program and keeps what it says.
    int run(std::vector<std::string> const& arguments, std::string_view input = {})
    {
        return kept(profile.run(arguments, input));
    }
    int kept(program_run const& ended)
    {
        said_ += ended.out + ended.err;
        return ended.code;
    }

    std::vector<std::string> canaries() const
    {
        std::vector<std::string> out = {
            client_canary,
            typed_canary,
            piped_canary,
            argued_canary,
            asked_canary,
            updated_canary,
            key_canary,
            export_canary};
        for (auto const& some : {provider.handed_out(), provider.verifiers()})
            out.insert(out.end(), some.begin(), some.end());
        return out;
    }

    void set_credentials(std::string const& link);
    void sign_in_and_refresh(std::string const& link);
    void ask_for_everything();
    void carry_keys_and_links();

    std::string said_;
    std::string key_words_;
    std::string export_words_;
};

void secrets_of_sign_in::set_credentials(std::string const& link)
{
    auto const typed = profile.run_on_terminal(
        {"set-creds", link, "--kv", "webhook_secret"}, {{"not shown", std::string(typed_canary) + "\n"}}
    );
    EXPECT_EQ(kept(typed), 0) << typed.err;
    EXPECT_EQ(run({"set-creds", link, "--kv", "webhook_secret=-"}, piped_canary), 0) << said_;
    EXPECT_EQ(run({"set-creds", link, "--kv", std::string("webhook_secret=") + argued_canary}), 0) << said_;
    // A consumer's secret: on the command line, at a hidden prompt, by another command; at last the right
    // one.
    EXPECT_EQ(run({"update-link", link, "--client-secret", argued_canary}), 0) << said_;
    auto const asked = profile.run_on_terminal(
        {"update-link", link, "--client-secret"}, {{"not shown", std::string(asked_canary) + "\n"}}
    );
    EXPECT_EQ(kept(asked), 0) << asked.err;
    EXPECT_EQ(run({"update-link", link, "--kv", "client_secret=-", "--json"}, updated_canary), 0) << said_;
    EXPECT_EQ(run({"unset-creds", link, "client_secret"}), 0) << said_;
    auto const missing =
        profile.run_on_terminal({"set-creds", link}, {{"not shown", std::string(client_canary) + "\n"}});
    EXPECT_EQ(kept(missing), 0) << missing.err;
    // What is refused is not repeated either.
    EXPECT_EQ(run({"set-creds", link, "--kv", std::string("webhook_secrte=") + argued_canary}), 2);
    EXPECT_EQ(run({"set-creds", link, "--kv", std::string("auth_url=") + argued_canary}), 2);
    EXPECT_EQ(run({"update-link", link, "--client-secret", std::string(argued_canary) + " "}), 2);
    EXPECT_EQ(run({"set-creds", link, "--kv", "client_secret=@" + key_words_ + "/no"}), 3);
}

void secrets_of_sign_in::sign_in_and_refresh(std::string const& link)
{
    // For later, when the key is locked; until then no command needs the second that scrypt takes.
    profile.variables["LINKSPAN_PASSPHRASE_FILE"] = key_words_;
    serve();
    for (bool const is_pasted : {false, true})
    {
        std::vector<std::string> arguments = {"start-oauth", link};
        if (is_pasted)
            arguments.emplace_back("--no-browser");
        running_program command(profile, arguments);
        auto const url = start_url_of(command);
        auto const address = consent(browser, is_pasted ? service_url_of(command) : url);
        said_ += browser.page().body;
        if (is_pasted)
            command.type(address);
        (void)kept(command.wait());
    }
    provider.script(
        provider_call::refresh,
        {provider_fault::wrong_json(), provider_fault::status(500), provider_fault::too_large()}
    );
    for (int i = 0; i < 5; ++i)
        (void)run({"refresh-link", link});
    said_ += get(serve_->admin_url() + "/metrics").body;
    auto const callback = get(serve_->public_url() + "/callback?code=unknown&state=unknown");
    said_ += callback.body;
}

void secrets_of_sign_in::ask_for_everything()
{
    for (auto const& arguments :
         {std::vector<std::string>{"list-links", "--json"},
          {"get-link", "api"},
          {"get-link", "api", "--json"},
          {"get-creds", "api"},
          {"get-creds", "api", "--json"},
          {"get-meta", "api", "--json"},
          {"check-link", "api", "--json"},
          {"audit", "--json"},
          {"check", "--json"},
          {"events", "--json"}})
        EXPECT_NE(run(arguments), 1) << arguments[0] << said_;
}

void secrets_of_sign_in::carry_keys_and_links()
{
    EXPECT_EQ(run({"rotate-key", "--lock", "--new-passphrase-file", key_words_}), 0) << said_;
    EXPECT_EQ(run({"rotate-key", "--json"}), 0) << said_;
    auto const bundle = (profile.folder() / "links.export").string();
    std::string const words = std::string(export_canary) + "\n";
    auto const typed = profile.run_on_terminal(
        {"export-links", bundle + ".typed"}, {{"New passphrase", words}, {"Once more", words}}
    );
    EXPECT_EQ(kept(typed), 0) << typed.err;
    EXPECT_EQ(run({"export-links", bundle, "--export-passphrase-file", export_words_}), 0) << said_;
    EXPECT_EQ(run({"export-links", "-", "--export-passphrase-file", export_words_}), 0) << said_;
    EXPECT_EQ(run({"import-links", bundle, "--export-passphrase-file", export_words_}), 4);
    EXPECT_EQ(run({"import-links", bundle, "--export-passphrase-file", key_words_}), 5);
    EXPECT_EQ(run({"import-links", bundle, "--replace", "--export-passphrase-file", export_words_}), 0)
        << said_;
    auto const elsewhere = (profile.folder() / "elsewhere").string();
    EXPECT_EQ(
        run(
            {"--database",
             elsewhere + "/linkspan.db",
             "--key-file",
             elsewhere + "/master.key",
             "import-links",
             bundle,
             "--export-passphrase-file",
             export_words_}
        ),
        0
    ) << said_;
}

TEST_F(secrets_of_sign_in, are_nowhere_but_sealed)
{
    auto const made = profile.run(
        {"create-link",
         "--template",
         "bitbucket-app-oauth",
         "--name",
         "api",
         "--client-id",
         "linkspan-key",
         "--client-secret=@" + (profile.folder() / "client.canary").string(),
         "--kv",
         "auth_url=" + provider.authorize_url(),
         "--kv",
         "token_url=" + provider.token_url(),
         "--kv",
         "api_url=" + provider.api_url()}
    );
    ASSERT_EQ(kept(made), 0) << made.err;
    set_credentials("api");
    sign_in_and_refresh("api");
    ask_for_everything();
    carry_keys_and_links();
    serve_->kill_hard();  // its WAL stays

    ASSERT_GE(provider.handed_out().size(), 6u) << "codes and tokens were given";
    ASSERT_GE(provider.verifiers().size(), 2u) << "of PKCE";
    auto const revealed = profile.run({"get-creds", "api", "--reveal"});
    EXPECT_NE(revealed.out.find(argued_canary), std::string::npos) << "the credentials are there";
    profile.write("said.txt", said_);
    EXPECT_EQ(canary_search(canaries()).find_below(profile.folder()), "");
}

// What the command line of create-link is given, too: a template of which nothing else is right.
TEST_F(secrets_of_sign_in, are_not_repeated_where_no_link_is_made)
{
    auto const from_argument = std::string("--client-secret=") + argued_canary;
    for (auto const& arguments : std::vector<std::vector<std::string>>{
             {"--template", "bitbucket-app-oauth", "--client-id", "a b", from_argument},
             {"--template", "bitbucket-app-oath", from_argument},
             {"--template", "slack-bot-token", from_argument},
             {"--template", "bitbucket-app-oauth", "--name", "a/b", from_argument},
             {"--template", "bitbucket-app-oauth", from_argument, "--nonsense"},
             {"--template", "bitbucket-app-oauth", from_argument, from_argument},
             {"--template", "bitbucket-app-oauth", std::string("--client-secrte=") + argued_canary},
             {"--template", "bitbucket-app-oauth", "--kv", "client_secret", argued_canary},
             {"--template", "bitbucket-user-token", "--kv", std::string("api_token=ATBB") + asked_canary}})
        for (bool const json : {false, true})
        {
            auto all = arguments;
            all.insert(all.begin(), "create-link");
            if (json)
                all.emplace_back("--json");
            auto const code = run(all);
            EXPECT_TRUE(code == 2 || code == 3) << code << said_;
        }
    EXPECT_EQ(canary_search(canaries()).find_in(said_), "") << said_;
}

}  // namespace
}  // namespace linkspan::test
