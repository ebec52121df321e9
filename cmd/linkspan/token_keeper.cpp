#include "cmd/linkspan/token_keeper.hpp"

#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/token_words.hpp"
#include "links/oauth/client.hpp"
#include "store/store.hpp"
#include "store/uses.hpp"

#include <array>
#include <list>
#include <set>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr int renewals_max = 8;       // for one caller: each tries one refresh token
constexpr int store_tries_max = 600;  // with a key that does not fit: as long as old tokens live on

bool needs_refresh_token(open_link const& link)
{
    return link.kind->oauth->grant == grant_kind::authorization_code;
}

std::string new_lease()
{
    std::array<std::uint8_t, 32> random{};
    fill_random(random);
    return std::string(oauth::random_text(random).reveal());
}

link_use use_of(std::string const& actor, open_link const& link, token_answer const& answer)
{
    link_use use;
    use.link = link.id;
    use.label = called(link);
    use.actor = actor;
    use.action = "refresh";
    use.is_failure = answer.fate != token_fate::granted;
    use.detail = answer.words;
    return use;
}

// Of somebody who wants another token though the one in use may be good. Where no person is needed for one,
// asking again costs nothing, and what was wrong may be mended.
token_step step_to_next(grant const& of, time_point now)
{
    if (!can_renew(of) && !of.renews_itself)
        return token_step::consent;
    return is_leased(of, now) ? token_step::wait : token_step::refresh;
}

}  // namespace

double jitter_of(link_id const& id)
{
    // FNV-1a: spread is all that is asked of it.
    std::uint32_t hash = 2'166'136'261u;
    for (char const c : id.value)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619u;
    return static_cast<double>(hash % 1'000u) / 1'000.0;
}

class token_keeper::impl
{
public:
    explicit impl(parts with) : with_(std::move(with)) {}

    asio::awaitable<result<access>> get(open_link link, std::int64_t refused, bool always)
    {
        if (link.kind->oauth == nullptr)
            co_return error(
                errc::invalid, "link " + called(link) + " has no tokens: its fields are its credentials"
            );
        if (auto known = known_.find(link.id); known != known_.end() && !always)
        {
            auto const step = next_step(known->second.grant, refused, jitter_of(link.id), now());
            if (step == token_step::use || step == token_step::use_and_refresh)
            {
                note_given(link.id, refused, known->second.generation);
                co_return known->second;
            }
        }
        // What one caller is at, the others wait for; each then looks whether it fits. A refresh whatever the
        // age is the way of those alone who asked for it: the token in use may be good, and that refresh may
        // fail.
        flight_key const key{link.id, always};
        while (flights_.contains(key))
        {
            auto const shared = flights_.find(key)->second;
            bool const fits = shared->refused >= refused;
            co_await landed(shared);
            if (fits)
                co_return *shared->answer;
        }
        auto own = std::make_shared<flight>();
        own->refused = refused;
        flights_.emplace(key, own);
        landing const ends(*this, key, own);
        auto answer = co_await find(link, refused, always);
        own->answer = answer;
        co_return answer;
    }

    asio::awaitable<void> worked(open_link link, std::int64_t generation)
    {
        auto const known = known_.find(link.id);
        if (known != known_.end() && known->second.generation == generation && known->second.grant.has_worked)
            co_return;
        keeper_work const work = [id = link.id, generation](transaction& tx, vault const&) -> result<access>
        {
            if (auto const done = mark_worked(tx, id, generation); !done)
                return done.error();
            return access();
        };
        auto const stored = co_await with_.write(work);
        auto const again = known_.find(link.id);
        if (stored && again != known_.end() && again->second.generation == generation)
            again->second.grant.has_worked = true;
    }

    std::optional<time_point> retry_at(link_id const& link) const
    {
        auto const found = retry_at_.find(link);
        return found == retry_at_.end() ? std::nullopt : std::optional(found->second);
    }

    void rest() { is_resting_ = true; }

    void forget() { known_.clear(); }

private:
    // One caller's way to a token; others of the same link wait for its end.
    struct flight
    {
        std::int64_t refused = 0;
        std::optional<result<access>> answer = result<access>(error(errc::cancelled, "the program stops"));
        std::list<std::shared_ptr<wakeup>> waiting;
    };

    using flight_key = std::pair<link_id, bool>;  // and whether it refreshes whatever the age

    // Ends a flight however its coroutine ends: also with the loop, which outlives the keeper.
    struct landing
    {
        impl& of;
        std::weak_ptr<char> is_alive;
        flight_key key;
        std::shared_ptr<flight> ended;

        landing(impl& of, flight_key key, std::shared_ptr<flight> ended)
            : of(of), is_alive(of.alive_), key(std::move(key)), ended(std::move(ended))
        {
        }
        landing(landing const&) = delete;
        landing& operator=(landing const&) = delete;
        ~landing()
        {
            if (is_alive.expired())
                return;
            of.flights_.erase(key);
            for (auto const& one : ended->waiting)
                one->notify();
        }
    };

    time_point now() const { return with_.clock.now(); }

    asio::awaitable<void> landed(std::shared_ptr<flight> shared)
    {
        auto waiter = std::make_shared<wakeup>(with_.clock);
        shared->waiting.push_back(waiter);
        co_await waiter->wait_until(time_point::max());
    }

    // Until the refresh of somebody else may have ended: of another process by looking at times, of this one
    // at once.
    asio::awaitable<void> other_refresh(flight_key key, time_point look_at)
    {
        auto waiter = std::make_shared<wakeup>(with_.clock);
        if (auto const other = flights_.find(key); other != flights_.end())
            other->second->waiting.push_back(waiter);
        co_await waiter->wait_until(look_at);
    }

    // The token in use and its state, from the store.
    asio::awaitable<result<access>> look(open_link link)
    {
        keeper_work const work = [id = link.id](transaction& tx, vault const& keys) -> result<access>
        {
            auto state = find_grant(tx, id);
            if (!state)
                return state.error();
            access out;
            out.grant = std::move(*state);
            out.generation = out.grant.generation;
            if (out.generation == 0)
                return out;
            auto tokens = open_token(tx, keys, id);
            if (!tokens)
                return tokens.error();
            out.tokens = std::move(*tokens);
            return out;
        };
        auto found = co_await with_.write(work);
        if (found)
            found->grant.renews_itself = !needs_refresh_token(link);
        co_return found;
    }

    // What a refusal has got, whoever refreshed: should it be refused as well, no other is asked for.
    void note_given(link_id const& id, std::int64_t refused, std::int64_t generation)
    {
        if (refused != 0)
            after_refusal_[id] = generation;
    }

    // The store or the key is at fault. Of the refresh loop's calls nobody hears but by the log.
    error not_possible(open_link const& link, error why, bool always)
    {
        if (always)
            with_.tell(link, "refresh failed", why.message);
        return why;
    }

    error not_yet(open_link const& link, grant const& state)
    {
        if (state.retry_at)
            retry_at_.insert_or_assign(link.id, *state.retry_at);
        return backs_off(link, state, now());
    }

    asio::awaitable<result<access>> find(open_link link, std::int64_t refused, bool always)
    {
        retry_at_.erase(link.id);
        std::int64_t replaces = -1;  // always: the generation that was in use when the caller came
        int renewals = 0;
        for (int looks = 0; looks < keeper_looks_max; ++looks)
        {
            auto found = co_await look(link);
            if (!found)
                co_return not_possible(link, found.error(), always);
            if (replaces < 0)
                replaces = found->generation;
            bool const is_new = after_refusal_[link.id] == refused && !found->grant.has_worked;
            if (refused != 0 && found->generation == refused && is_new)
            {
                auto const behind = co_await give_up(link, refused);
                if (!behind)
                    co_return behind;
                continue;  // to a spare, or to the word that there is none
            }
            auto step = next_step(found->grant, refused, jitter_of(link.id), now());
            if (always && found->generation == replaces)
                step = step_to_next(found->grant, now());
            if (step == token_step::use || step == token_step::use_and_refresh)
            {
                known_.insert_or_assign(link.id, *found);
                note_given(link.id, refused, found->generation);
                co_return found;
            }
            if (step == token_step::consent)
                co_return needs_person(link, found->grant);
            if (step == token_step::back_off)
                co_return not_yet(link, found->grant);
            if (step == token_step::wait)
            {
                flight_key const others(link.id, !always);
                auto const look_at = std::min(*found->grant.lease_until, now() + keeper_look_wait);
                co_await other_refresh(others, look_at);
                continue;
            }
            if (is_resting_)
                co_return error(
                    errc::cancelled, "link " + called(link) + " gets no new token: linkspan stops"
                );
            if (++renewals > renewals_max)
                co_return error(
                    errc::unavailable,
                    "link " + called(link) + ": the service gives tokens that end at once; try again later"
                );
            auto tried = co_await renew(link, std::max(refused, found->generation));
            if (!tried)
                co_return not_possible(link, tried.error(), always);
            tried->grant.renews_itself = !needs_refresh_token(link);
            if (always && tried->generation == replaces && tried->grant.state == grant_state::needs_reauth)
                co_return needs_person(link, tried->grant);
            // What failed is told once here; the next caller learns it from the state.
            bool const has_failed =
                tried->grant.failures > 0 && tried->grant.retry_at && !is_leased(tried->grant, now());
            if (always && tried->generation == replaces && has_failed)
                co_return not_yet(link, tried->grant);
        }
        co_return error(
            errc::unavailable, "link " + called(link) + ": somebody else's refresh of its token does not end"
        );
    }

    // One refresh in three steps; answers with the state behind it (its tokens are not opened).
    asio::awaitable<result<access>> renew(open_link link, std::int64_t than)
    {
        auto const turn = std::make_shared<refresh_turn>();
        keeper_work const begin =
            [id = link.id, lease = new_lease(), needs = needs_refresh_token(link), than, turn](
                transaction& tx, vault const& keys
            ) -> result<access>
        {
            auto begun = begin_refresh(tx, keys, id, lease, needs, than);
            if (!begun)
                return begun.error();
            *turn = std::move(*begun);
            access out;
            out.grant = turn->grant;
            out.generation = out.grant.generation;
            return out;
        };
        auto begun = co_await with_.write(begin);
        if (!begun || turn->is != refresh_turn::kind::ours)
            co_return begun;
        auto const answer = std::make_shared<token_answer>();
        *answer = co_await call(link, turn->refresh_token);
        auto const retry_at = now() + wait_behind(link, turn->grant, *answer);
        auto const is_gone = std::make_shared<bool>(false);
        keeper_work const end = [id = link.id, link, actor = with_.actor, turn, answer, retry_at, is_gone](
                                    transaction& tx, vault const& keys
                                ) -> result<access>
        {
            auto state = end_refresh(tx, keys, id, *turn, *answer, retry_at);
            *is_gone = !state && state.error().code == errc::not_found;
            if (!state)
                return state.error();
            if (auto const noted = actor.empty() ? result<>() : record_use(tx, use_of(actor, link, *answer));
                !noted)
                return noted.error();
            access out;
            out.grant = std::move(*state);
            out.generation = out.grant.generation;
            return out;
        };
        auto ended = co_await with_.write(end);
        if (!ended && !*is_gone)
            ended = co_await store_again(link, end, ended.error(), is_gone);
        known_.erase(link.id);
        if (ended)
            report(link, *answer, ended->grant);
        else if (!*is_gone && answer->fate == token_fate::granted)
            co_return not_stored(link, ended.error());
        co_return ended;
    }

    // The answer may hold the only live token: it is kept in memory until the store takes it.
    asio::awaitable<result<access>> store_again(
        open_link link, keeper_work work, error why, std::shared_ptr<bool> is_gone
    )
    {
        auto const begun = now();
        std::string told;
        for (int tries = 1; !*is_gone && may_pass(why.code); ++tries)
        {
            bool const is_over = with_.store_patience
                                     ? now() - begun >= *with_.store_patience
                                     : tries > store_tries_max && why.code != errc::unavailable;
            if (is_over)
                break;
            if (std::exchange(told, why.message) != why.message)
                with_.tell(link, "refresh not stored", why.message);
            co_await with_.clock.wait_until(now() + store_wait);
            auto stored = co_await with_.write(work);
            if (stored)
                co_return stored;
            why = stored.error();
        }
        co_return why;
    }

    milliseconds wait_behind(open_link const& link, grant const& before, token_answer const& answer) const
    {
        auto unheard = before.unheard_since;
        if (!unheard && answer.fate == token_fate::unknown)
            unheard = now();
        if (!needs_refresh_token(link))
            unheard.reset();  // there is no token that could have been rotated
        auto const unheard_for = unheard ? std::optional<milliseconds>(now() - *unheard) : std::nullopt;
        return refresh_wait(before.failures + 1, jitter_of(link.id), answer.wait, unheard_for);
    }

    asio::awaitable<token_answer> call(open_link link, secret refresh_token)
    {
        auto const& profile = *link.kind->oauth;
        if (profile.obtain != nullptr)
            co_return co_await profile.obtain(with_.services, link.fields);
        auto const client = oauth_client_of(*link.kind, link.fields);
        if (!client)
            co_return token_answer(token_fate::misused, client.error().message);
        if (profile.grant == grant_kind::client_credentials)
            co_return co_await oauth::grant_client_credentials(with_.services.http, *client, now());
        co_return co_await oauth::refresh(with_.services.http, *client, refresh_token, now());
    }

    void report(open_link const& link, token_answer const& answer, grant const& state)
    {
        if (answer.fate == token_fate::granted)
            with_.tell(link, "refreshed", "");
        else if (state.state == grant_state::needs_reauth)
            with_.tell(link, "needs_reauth", state.reason);
        else
            with_.tell(link, "refresh failed", answer.words);
    }

    asio::awaitable<result<access>> give_up(open_link link, std::int64_t generation)
    {
        std::string const why = "the service refuses a token that it has just given";
        keeper_work const work =
            [id = link.id, generation, why](transaction& tx, vault const&) -> result<access>
        {
            auto state = mark_needs_reauth(tx, id, generation, why);
            if (!state)
                return state.error();
            access out;
            out.grant = std::move(*state);
            return out;
        };
        auto const stored = co_await with_.write(work);
        known_.erase(link.id);
        if (stored && stored->grant.state == grant_state::needs_reauth)
            with_.tell(link, "needs_reauth", why);
        co_return stored;
    }

    parts with_;
    std::map<link_id, access> known_;
    std::map<flight_key, std::shared_ptr<flight>> flights_;
    std::map<link_id, time_point> retry_at_;         // of links whose last caller got none
    std::map<link_id, std::int64_t> after_refusal_;  // the generation that a refusal has got
    bool is_resting_ = false;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

token_keeper::token_keeper(parts with) : impl_(std::make_unique<impl>(std::move(with))) {}

token_keeper::~token_keeper() = default;

asio::awaitable<result<access>> token_keeper::token_of(open_link link)
{
    return impl_->get(std::move(link), 0, false);
}

asio::awaitable<result<access>> token_keeper::token_instead_of(open_link link, std::int64_t generation)
{
    return impl_->get(std::move(link), generation, false);
}

asio::awaitable<result<access>> token_keeper::refresh(open_link link)
{
    return impl_->get(std::move(link), 0, true);
}

asio::awaitable<void> token_keeper::worked(open_link link, std::int64_t generation)
{
    return impl_->worked(std::move(link), generation);
}

std::optional<time_point> token_keeper::retry_at(link_id const& link) const
{
    return impl_->retry_at(link);
}

void token_keeper::rest()
{
    impl_->rest();
}

void token_keeper::forget()
{
    impl_->forget();
}

keeper_store keeper_store_of(command_store& database, profile_paths const& paths)
{
    return [&database, &paths](keeper_work work) -> asio::awaitable<result<access>>
    { co_return write_sealed<access>(database, paths, work); };
}

}  // namespace linkspan
