#pragma once
#include "core/oauth/form.hpp"
#include "tests/simulators/simulator_server.hpp"
#include "tests/simulators/token_office.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace linkspan::test
{

enum class provider_kind
{
    cloud,        // bitbucket.org and api.bitbucket.org as they are since May 2026
    data_center,  // Bitbucket Data Center, an incoming link
};

// What is asked of a provider; faults and counters are kept for each.
enum class provider_call
{
    authorize,           // the consent page is asked for
    consent,             // a button of it is pressed
    exchange,            // a code for tokens
    refresh,             // a refresh token for tokens
    client_credentials,  // tokens for the client itself
    bad_grant,           // the token endpoint, asked for anything else
    api,                 // the REST API
    other,
};

// What goes wrong with one call.
struct provider_fault
{
    std::optional<http_response> answer;  // instead of the provider's own
    bool acts = false;                    // does all the same what was asked: a token rotates
    bool holds = false;                   // answers only after release()
    bool cuts = false;                    // closes the connection instead of answering

    static provider_fault none();            // this call goes well
    static provider_fault lost(bool acted);  // no answer at all
    static provider_fault held();            // acts at once, answers after release()
    static provider_fault status(int status, std::string body = "<html>proxy</html>");
    static provider_fault rate_limit(std::optional<std::string> after);  // 429, Retry-After where given
    static provider_fault error(int status, std::string_view code, std::string_view description);
    static provider_fault wrong_json();  // acts, and answers with half of a JSON text
    static provider_fault too_large();   // acts, and answers with 1 MiB
    static provider_fault redirect(std::string url);

private:
    provider_fault() = default;
};

struct provider_settings
{
    provider_kind kind = provider_kind::cloud;
    std::string client_id = "linkspan-key";
    std::string client_secret = "linkspan-secret";
    std::string callback_url = "http://localhost:14470/callback";  // of the consumer, or the incoming link
    std::string scopes;                // of the consumer; for Data Center those that may be asked for
    bool allows_http_redirect = true;  // Data Center refuses it unless a system property says otherwise
    office_rules rules;
    std::uint16_t port = 0;

    static provider_settings cloud();
    static provider_settings data_center();  // allows_http_redirect: false
};

// An OAuth 2 provider over real HTTP on loopback, in a thread of its own, with the consent page and as much
// of the REST API as tells who somebody is. Somebody is always Ada Example, who is logged in. Every member
// may be called from any thread.
class oauth_provider
{
public:
    explicit oauth_provider(provider_settings settings = provider_settings::cloud());
    ~oauth_provider();
    oauth_provider(oauth_provider const&) = delete;
    oauth_provider& operator=(oauth_provider const&) = delete;

    std::uint16_t port() const { return server_.port(); }
    std::string url(std::string_view path = {}) const;  // "http://127.0.0.1:<port><path>"
    std::string authorize_url() const;
    std::string token_url() const;
    std::string api_url() const;  // Cloud: ".../2.0/"; Data Center: the base URL

    // The time of the provider: the system's plus what it was moved by.
    time_point now() const;
    void advance(milliseconds duration);

    // The next calls of this kind meet these faults, one each, in order.
    void script(provider_call call, std::vector<provider_fault> faults);

    // Lets held calls be answered, those that are held later included, until hold_again().
    void release();
    void hold_again();

    std::size_t calls(provider_call call) const;  // faults included
    // Whether that many are there in time. No test sleeps: these return as soon as it is so.
    bool wait_for_calls(provider_call call, std::size_t number, milliseconds patience = milliseconds(30'000));
    bool wait_for_held(std::size_t number, milliseconds patience = milliseconds(30'000));

    void set_client_secret(std::string client_secret);
    void set_callback_url(std::string url);
    void revoke_all();                            // Ada takes her consent back
    void spoil_access_tokens();                   // the API answers 401, refresh tokens go on working
    std::vector<std::string> handed_out() const;  // every code and token
    std::vector<std::string> verifiers() const;   // of PKCE, as the client showed them

private:
    struct page;  // what a request has to say, once read

    boost::asio::awaitable<http_response> handle(http_request request);
    boost::asio::awaitable<void> hold();
    provider_fault next_fault(provider_call call);
    http_response act(page const& asked);

    http_response show_consent(page const& asked);
    http_response take_consent(page const& asked);
    std::optional<http_response> fault_of_authorization(page const& asked) const;
    http_response give_tokens(page const& asked);
    bool is_client(page const& asked) const;
    http_response answer_api(page const& asked);
    http_response answer_cloud(page const& asked, token_office::access const& who) const;
    http_response answer_data_center(page const& asked, token_office::access const& who) const;

    boost::asio::io_context loop_{1};
    boost::asio::steady_timer held_;

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    provider_settings settings_;
    token_office office_;
    milliseconds moved_by_{0};
    std::map<provider_call, std::deque<provider_fault>> faults_;
    std::map<provider_call, std::size_t> calls_;
    std::size_t held_now_ = 0;
    bool released_ = false;

    simulator_server server_;  // last: it uses all the rest
};

// What a person does with the consent page that a program has printed the URL of, by HTTP on the provider's
// own port, whatever host the URL names: looks at it, presses the button ("grant" or "cancel"), and is sent
// to the URL that is returned. The page's own text where there is no such button.
std::string press_button(
    oauth_provider const& provider, std::string_view authorize_url, std::string_view button
);

}  // namespace linkspan::test
