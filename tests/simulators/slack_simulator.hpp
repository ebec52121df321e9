#pragma once
#include "tests/simulators/simulator_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace linkspan::test
{

// One posted message, as Slack keeps it.
struct slack_message
{
    std::string channel;  // id
    std::string ts;       // unique and increasing
    std::string token;    // whose it was
    std::string text;
    boost::json::object arguments;  // of the call, whole
};

// What goes wrong with one call of chat.postMessage.
struct slack_fault
{
    std::optional<http_response> answer;  // instead of Slack's own
    bool stores = false;                  // the message is kept all the same
    bool holds = false;                   // answers only after release()
    bool cuts = false;                    // closes the connection instead of answering

    static slack_fault none();                                        // this call goes well
    static slack_fault error(std::string_view code);                  // status 200, "ok": false
    static slack_fault rate_limit(std::optional<std::string> after);  // status 429, Retry-After where given
    static slack_fault status(int status, std::string body = "<html>proxy</html>");
    static slack_fault held();            // stored, answered after release()
    static slack_fault cut(bool stored);  // no answer at all

private:
    slack_fault() = default;
};

// Slack's Web API as far as Linkspan uses it: auth.test and chat.postMessage over real HTTP on loopback, in a
// thread of its own. It judges tokens, channels and arguments as Slack does, and it answers most errors with
// status 200. Every member may be called from any thread. It knows the token "xoxb-test-1" and the channel
// "C0000000001" (#builds).
class slack_simulator
{
public:
    slack_simulator();
    ~slack_simulator();
    slack_simulator(slack_simulator const&) = delete;
    slack_simulator& operator=(slack_simulator const&) = delete;

    std::string api_url() const;  // "http://127.0.0.1:<port>/api/"

    void add_token(std::string token);
    void spoil_token(std::string const& token, std::string code);  // answers code: "token_revoked", ...
    // Token rotation: what oauth.v2.access takes once, for a new token and the next refresh token.
    void add_refresh_token(std::string token);
    std::size_t rotations() const;
    void break_rotations(int status);  // oauth.v2.access answers so; 0: it works again
    void add_channel(std::string id, std::string name, bool is_member = true);
    void archive_channel(std::string const& id, bool archived = true);

    // The next calls of chat.postMessage meet these faults, one each, in order.
    void script(std::vector<slack_fault> faults);

    // Lets held calls be answered, those that are held later included, until hold_again().
    void release();
    void hold_again();

    std::vector<slack_message> messages() const;
    std::size_t calls() const;  // of chat.postMessage, faults included

    // Whether that many are there in time. No test sleeps: these return as soon as it is so.
    bool wait_for_messages(std::size_t number, milliseconds patience = milliseconds(30'000));
    bool wait_for_calls(std::size_t number, milliseconds patience = milliseconds(30'000));
    bool wait_for_held(
        std::size_t number, milliseconds patience = milliseconds(30'000)
    );  // held at this moment

private:
    struct channel
    {
        std::string name;
        bool is_member = true;
        bool is_archived = false;
    };

    boost::asio::awaitable<http_response> handle(http_request request);
    boost::asio::awaitable<http_response> post_message(http_request request);
    http_response rotate(http_request const& request);
    http_response auth_test(http_request const& request) const;
    std::optional<std::string> fault_of_token(http_request const& request) const;
    http_response judge_and_store(http_request const& request);
    http_response store(std::string const& id, boost::json::object arguments, std::string token);
    slack_fault next_fault();

    boost::asio::io_context loop_{1};
    boost::asio::steady_timer held_;

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::map<std::string, std::string> tokens_;  // token -> error code; empty: a good one
    std::set<std::string> refresh_tokens_;
    std::size_t rotations_ = 0;
    int broken_rotations_ = 0;
    std::map<std::string, channel> channels_;
    std::deque<slack_fault> faults_;
    std::vector<slack_message> messages_;
    std::size_t calls_ = 0;
    std::size_t held_now_ = 0;
    bool released_ = false;
    std::int64_t last_ts_ = 0;  // microseconds

    simulator_server server_;  // last: it uses all the rest
};

}  // namespace linkspan::test
