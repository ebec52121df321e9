#pragma once
#include "cmd/linkspan/browser.hpp"
#include "cmd/linkspan/callback_listener.hpp"
#include "cmd/linkspan/command_loop.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/sign_in.hpp"
#include "cmd/linkspan/terminal.hpp"
#include "cmd/linkspan/typed_lines.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// How often the store is asked how far a sign-in is.
inline constexpr milliseconds flow_look_wait{500};
// Pastes that are no answer to this sign-in, before the command gives up.
inline constexpr int pastes_max = 5;
// A sign-in whose answer came in the last moment may still get its tokens, have them stored and say who.
inline constexpr milliseconds exchange_grace{75'000};

// The flow of a command whose answer is pasted.
struct pasted_flow
{
    flow_id id;
    std::string redirect_url;
    std::string state_hash;
};

// Waits until one of a command's flows has ended, whoever ends it: the daemon, the command's own listener, or
// a paste.
class sign_in_wait
{
public:
    struct parts
    {
        terminal& on;
        command_loop& loop;
        command_store& database;
        sign_in& endpoints;
        callback_listener* listener = nullptr;  // null: the command does not listen
        opened_browser& browser;
        boost::asio::signal_set& signals;  // any of them ends the wait; caught before the URL is printed
        std::vector<flow_id> flows;
        std::optional<pasted_flow> pasted;
        bool is_answered = true;  // a browser's answer reaches somebody
        milliseconds timeout{};
    };

    explicit sign_in_wait(parts with);

    // Something may have happened to a flow.
    void look();

    // The flow that ended. errc::timeout, errc::cancelled, or errc::invalid where the pastes are used up.
    // Behind it no flow of the command waits any more.
    boost::asio::awaitable<result<flow>> run();

    // Whether the terminal's line still holds the question for a paste.
    bool is_asking() const { return is_asking_; }

private:
    boost::asio::awaitable<result<flow>> watch();
    boost::asio::awaitable<std::optional<error>> take_paste(std::string line);
    std::optional<error> judge_time(time_point now) const;
    result<std::optional<flow>> look_at_flows();
    void tell_progress(flow const& seen);
    void end_others(std::string const& why);

    parts with_;
    wakeup wake_;
    std::optional<typed_lines> lines_;
    std::deque<std::string> typed_;
    std::map<flow_id, flow_state> seen_;
    time_point deadline_;
    int wrong_pastes_ = 0;
    bool is_asking_ = false;
    bool is_interrupted_ = false;
    bool is_input_over_ = false;
    bool is_exchanging_ = false;
};

}  // namespace linkspan
