#include "cmd/linkspan/sign_in_wait.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

std::string_view progress_of(flow_state state)
{
    switch (state)
    {
        case flow_state::started:
            return {};
        case flow_state::at_service:
            return "The browser is at the service; waiting for consent.";
        case flow_state::exchanging:
            return "The answer is here; getting tokens.";
        case flow_state::done:
        case flow_state::failed:
            break;
    }
    return {};
}

}  // namespace

sign_in_wait::sign_in_wait(parts with)
    : with_(std::move(with)),
      wake_(with_.loop.clock()),
      deadline_(with_.loop.clock().now() + with_.timeout),
      is_asking_(with_.pasted.has_value())
{
}

void sign_in_wait::look()
{
    wake_.notify();
}

asio::awaitable<result<flow>> sign_in_wait::run()
{
    with_.signals.async_wait(
        [this](boost::system::error_code failed, int)
        {
            if (failed)
                return;
            is_interrupted_ = true;
            wake_.notify();
        }
    );
    if (with_.pasted)
        lines_.emplace(
            with_.loop.context(),
            [this](std::optional<std::string> line)
            {
                if (line)
                    typed_.push_back(std::move(*line));
                else
                    is_input_over_ = true;
                wake_.notify();
            }
        );
    auto ended = co_await watch();
    lines_.reset();
    with_.signals.cancel();
    end_others(ended ? "another way of this sign-in came first" : ended.error().message);
    if (with_.listener != nullptr)
        co_await with_.listener->close();
    co_return ended;
}

asio::awaitable<result<flow>> sign_in_wait::watch()
{
    for (;;)
    {
        auto const ended = look_at_flows();
        if (!ended)
            co_return ended.error();
        if (*ended)
            co_return **ended;
        if (auto const over = judge_time(with_.loop.clock().now()))
            co_return *over;
        if (!typed_.empty())
        {
            auto line = std::move(typed_.front());
            typed_.pop_front();
            auto const over = co_await take_paste(std::move(line));
            if (over)
                co_return *over;
            continue;
        }
        if (is_input_over_ && !with_.is_answered)
            co_return error(errc::cancelled, "the input ended, and no answer was pasted");
        if (with_.browser.has_failed())
            print_warning(with_.on, "the browser could not be opened; open the URL yourself");
        co_await wake_.wait_until(with_.loop.clock().now() + flow_look_wait);
    }
}

std::optional<error> sign_in_wait::judge_time(time_point now) const
{
    if (is_interrupted_)
        return error(errc::cancelled, "ended by a signal; nobody is signed in");
    auto const end = is_exchanging_ ? deadline_ + exchange_grace : deadline_;
    if (now < end)
        return std::nullopt;
    return error(errc::timeout, "nobody has signed in in time; linkspan start-oauth begins another sign-in");
}

result<std::optional<flow>> sign_in_wait::look_at_flows()
{
    is_exchanging_ = false;
    for (auto const id : with_.flows)
    {
        auto now =
            with_.database.read<flow>(system_now(), [&](transaction& tx) { return find_flow(tx, id); });
        if (!now)
            return now.error();
        if (now->state == flow_state::done || now->state == flow_state::failed)
            return std::optional<flow>(std::move(*now));
        is_exchanging_ = is_exchanging_ || now->state == flow_state::exchanging;
        tell_progress(*now);
    }
    return std::optional<flow>();
}

void sign_in_wait::tell_progress(flow const& seen)
{
    auto const [known, is_new] = seen_.emplace(seen.id, seen.state);
    if (!is_new && known->second == seen.state)
        return;
    known->second = seen.state;
    bool const is_first_of_pasted = is_new && seen.is_pasted;
    if (with_.on.is_terminal && !is_first_of_pasted && !progress_of(seen.state).empty())
        with_.on.err << (std::exchange(is_asking_, false) ? "\n" : "") << progress_of(seen.state)
                     << std::endl;
}

// Nothing: go on waiting.
asio::awaitable<std::optional<error>> sign_in_wait::take_paste(std::string line)
{
    is_asking_ = false;  // the terminal has shown the line and its end
    if (line.find_first_not_of(" \t\r") == line.npos)
        co_return std::nullopt;
    auto answer = read_pasted_callback(line, with_.pasted->redirect_url);
    std::string why;
    if (!answer)
        why = answer.error().message;
    else if (oauth::hash_of(answer->state) != with_.pasted->state_hash)
        why = "this is the answer to another sign-in: its state is not that of the URL above";
    else
    {
        auto const ended = co_await with_.endpoints.finish_pasted(std::move(*answer));
        if (ended)
            co_return std::nullopt;
        why = ended.error().message;
    }
    if (++wrong_pastes_ == pastes_max)
        co_return error(
            errc::invalid, why + "; that was the last of " + std::to_string(pastes_max) + " tries"
        );
    print_warning(with_.on, why);
    with_.on.err << "Paste the whole address, which begins with " << with_.pasted->redirect_url << ": "
                 << std::flush;
    is_asking_ = true;
    co_return std::nullopt;
}

void sign_in_wait::end_others(std::string const& why)
{
    auto const ended = with_.database.write<int>(
        system_now(),
        [&](transaction& tx) -> result<int>
        {
            for (auto const id : with_.flows)
                if (auto const done = end_flow(tx, id, false, why);
                    !done && done.error().code != errc::not_found)
                    return done.error();
            return 0;
        }
    );
    if (!ended)
        print_warning(with_.on, "the sign-in stays open until it expires: " + ended.error().message);
}

}  // namespace linkspan
