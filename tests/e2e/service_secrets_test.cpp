#include "links/net/server.hpp"
#include "tests/support/canary_search.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/served_program.hpp"
#include "tests/support/test_keys.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

// The secrets of services besides Bitbucket: keys of many lines, URLs that are secrets, a proxy's password.
// The services repeat everything that they are told.

namespace linkspan::test
{
namespace
{

// Answers each request with all that it said, in every place where services have words of their own.
class repeating_service
{
public:
    repeating_service()
        : server_(
              loop_,
              server_limits(),
              http_handler{
                  [](http_request const&) { return admission(std::size_t(1) << 20); },
                  [this](http_request request) { return handle(std::move(request)); }}
          )
    {
        server_.listen("127.0.0.1", 0).value();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~repeating_service()
    {
        boost::asio::post(loop_, [this] { server_.cut(); });
        thread_.join();
    }
    repeating_service(repeating_service const&) = delete;
    repeating_service& operator=(repeating_service const&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    int requests() const { return requests_; }

private:
    boost::asio::awaitable<http_response> handle(http_request request)
    {
        auto const turn = requests_++;
        std::string said = request.method + " " + request.target + " ";
        for (auto const& header : request.headers)
            if (header.name == "Authorization" || header.name == "X-Goog-Api-Key")
                said += header.name + ": " + header.value + " ";
        said += request.body;
        boost::json::object body;
        for (auto const* place : {"message", "error", "error_description", "detail"})
            body[place] = said;
        if (turn % 2 == 1)
            body["error"] = boost::json::object{{"message", said}, {"code", 400}};
        constexpr std::array statuses = {400, 401, 404, 500, 200};
        http_response answer(statuses[static_cast<std::size_t>(turn) % statuses.size()], {});
        answer.body = boost::json::serialize(body);
        answer.headers.push_back({"Content-Type", "application/json"});
        co_return answer;
    }

    boost::asio::io_context loop_{1};
    std::atomic<int> requests_ = 0;
    http_server server_;
    std::thread thread_;
};

// What a link is made with; "{service}" is the service's URL. Values that are no settings come from files.
struct service_case
{
    std::string name;
    std::map<std::string, std::string> settings;
    std::map<std::string, std::string> secrets;
};

constexpr char port_canary[] = "canary-port/+-8d1c0f6a72";
constexpr char s3_canary[] = "canary/s3+key-1f7e90b4c2d8";
constexpr char session_canary[] = "canary/s3+session==-77aa01";
constexpr char path_canary[] = "canary-path_4e90b1c7d2";
constexpr char query_canary[] = "canary-query_90c1f7aa3e";
constexpr char chat_canary[] = "canary0chat0webhook0abcdef";  // 26 letters and digits, as Mattermost's
constexpr char proxy_canary[] = "canary-proxy-5b2e81f0c9";

std::string google_key(std::string const& pem, std::string const& token_url)
{
    boost::json::object key;
    key["type"] = "service_account";
    key["client_email"] = "linkspan@acme.iam.gserviceaccount.com";
    key["private_key_id"] = "0123456789abcdef";
    key["private_key"] = pem;
    key["token_uri"] = token_url;
    return boost::json::serialize(key);
}

std::vector<service_case> cases(std::string const& service)
{
    std::string const workflow =
        "/workflows/0f/triggers/manual/paths/invoke?api-version=1&sp=run&sv=1.0&sig=" +
        std::string(query_canary);
    return {
        {"github-app-jwt",
         {{"client_id", "Iv23canaryless"},
          {"app_slug", "linkspan"},
          {"base_url", service + "/"},
          {"api_url", service + "/"}},
         {{"private_key", rsa_key(key_form::pkcs1)}}},
        {"google-service-account",
         {{"api_url", service + "/"}},
         {{"key", google_key(rsa_key(key_form::pkcs8, 3072), service + "/token")}}},
        {"discord-webhook", {}, {{"webhook_url", service + "/api/webhooks/123456/" + path_canary}}},
        {"teams-workflow", {}, {{"webhook_url", service + workflow}}},
        {"google-chat-webhook",
         {},
         {{"webhook_url",
           service + "/v1/spaces/AAAA/messages?key=" + path_canary + "&token=" + query_canary + "%3D"}}},
        {"mattermost-webhook", {}, {{"webhook_url", service + "/hooks/" + chat_canary}}},
        {"rocket-chat-webhook", {}, {{"webhook_url", service + "/hooks/65a0c0ffee/" + path_canary}}},
        {"generic-webhook",
         {},
         {{"url", service + "/in/" + path_canary + "?token=" + query_canary},
          {"secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}},
        {"s3",
         {{"endpoint", service + "/"}, {"bucket", "acme-archive"}, {"access_key_id", "ASIAEXAMPLE"}},
         {{"secret_access_key", s3_canary}, {"session_token", session_canary}}},
        {"port", {{"client_id", "acme"}, {"base_url", service + "/"}}, {{"client_secret", port_canary}}},
    };
}

std::vector<std::string> canaries()
{
    std::vector<std::string> out = {
        port_canary,
        s3_canary,
        session_canary,
        path_canary,
        query_canary,
        chat_canary,
        proxy_canary,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
    for (auto const& pem : {rsa_key(key_form::pkcs1), rsa_key(key_form::pkcs8, 3072)})
    {
        auto const lines = canaries_of_pem(pem);
        out.insert(out.end(), lines.begin(), lines.end());
    }
    return out;
}

class secrets_of_services : public testing::Test
{
protected:
    secrets_of_services()
    {
        profile.write_config(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nlog_level = \"debug\"\n"
        );
        auto const words = profile.write("export.canary", "words of an export\n");
        std::filesystem::permissions(words, std::filesystem::perms(0600));
        words_ = words.string();
    }

    int run(std::vector<std::string> const& arguments, std::string_view input = {})
    {
        auto const ended = profile.run(arguments, input);
        said_ += ended.out + ended.err;
        return ended.code;
    }

    void make(service_case const& of)
    {
        std::vector<std::string> arguments = {"create-link", "--template", of.name, "--name", of.name};
        auto const add = [&](std::string const& field)
        {
            arguments.emplace_back("--kv");
            arguments.push_back(field);
        };
        for (auto const& [name, value] : of.settings)
            add(name + "=" + value);
        for (auto const& [name, value] : of.secrets)
            add(name + "=@" + profile.write(of.name + "." + name + ".canary", value).string());
        ASSERT_EQ(run(arguments), 0) << said_;
        // A piece of each of them, in place of the whole: what is refused is not repeated.
        for (auto const& [name, value] : of.secrets)
            (void)run({"set-creds", of.name, "--kv", name + "=" + value.substr(0, value.size() - 7) + "\x01"}
            );
    }

    void use(service_case const& of)
    {
        for (auto const& arguments :
             {std::vector<std::string>{"check-link", of.name},
              {"check-link", of.name, "--post", "--json"},
              {"refresh-link", of.name},
              {"refresh-link", of.name, "--json"},
              {"get-link", of.name, "--json"},
              {"get-creds", of.name},
              {"get-meta", of.name, "--json"}})
            (void)run(arguments);
    }

    program_profile profile;
    repeating_service service;
    std::string said_;
    std::string words_;
};

TEST_F(secrets_of_services, are_nowhere_but_sealed)
{
    auto const all = cases(service.url());
    for (auto const& one : all)
        make(one);
    {
        served_program program(profile);
        for (auto const& one : all)
            use(one);
        said_ += get(program.admin_url() + "/metrics").body;
        program.signal(SIGTERM);
        EXPECT_EQ(program.wait(), 0);
    }
    EXPECT_GT(service.requests(), 10);
    EXPECT_EQ(run({"list-links", "--json"}), 0);
    EXPECT_EQ(run({"audit", "--json"}), 0);
    auto const bundle = (profile.folder() / "links.export").string();
    EXPECT_EQ(run({"export-links", bundle, "--export-passphrase-file", words_}), 0) << said_;
    EXPECT_EQ(run({"delete-link", "port", "--yes"}), 0) << said_;
    // A life that ends by force: its WAL stays.
    served_program(profile).kill_hard();
    profile.write("said.txt", said_);
    EXPECT_EQ(canary_search(canaries()).find_below(profile.folder()), "");
}

// The configuration may hold a proxy's password, and nothing else repeats it.
TEST_F(secrets_of_services, so_is_the_password_of_a_proxy)
{
    auto const of = cases(service.url()).at(2);
    make(of);
    int refused = 0;
    for (auto const& proxy :
         {"http://ada:" + std::string(proxy_canary) + "@127.0.0.1:1",
          "http://ada:" + std::string(proxy_canary) + "@127.0.0.1:99999",
          "htp://ada:" + std::string(proxy_canary) + "@127.0.0.1:1",
          "ada:" + std::string(proxy_canary) + "@127.0.0.1"})
    {
        auto const file = profile.write(
            "proxy.canary",
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nlog_level = "
            "\"debug\"\nproxy = "
            "\"" +
                proxy + "\"\n"
        );
        profile.variables["LINKSPAN_CONFIG"] = file.string();
        EXPECT_NE(run({"check-link", of.name}), 0) << said_;
        EXPECT_NE(run({"check-link", of.name, "--json"}), 0) << said_;
        (void)run({"check"});
        if (run({"check", "--json"}) != 0)
        {
            ++refused;
            EXPECT_EQ(run({"serve"}), 2) << said_;
            continue;
        }
        served_program program(profile);
        program.signal(SIGTERM);
        EXPECT_EQ(program.wait(), 0);
    }
    EXPECT_GE(refused, 2);
    profile.write("said.txt", said_);
    EXPECT_EQ(canary_search(canaries()).find_below(profile.folder()), "");
}

}  // namespace
}  // namespace linkspan::test
