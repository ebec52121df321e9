#pragma once
#include "cmd/linkspan/api_asker.hpp"
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/polled_source.hpp"
#include "core/watch/retry.hpp"
#include "core/watch/schedule.hpp"
#include "core/watch/silence.hpp"
#include "links/net/clock.hpp"
#include "links/net/task_group.hpp"
#include "store/budgets.hpp"
#include "store/build_watches.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace linkspan
{

// Looks at pull requests whose comments may be edited without any event, as core/watch/schedule.hpp says, and
// on Data Center at the builds of their heads, as core/watch/builds.hpp says. It puts what it sees into the
// inbox. The watches stand in the store: they begin there with an event (the
// digest loop), and what a look has seen is stored in one transaction with its row.
class watch_loop
{
public:
    struct parts
    {
        linkspan::store& store;
        linkspan::clock& clock;
        linkspan::log& log;
        task_group& looks;  // end by cancellation: a look that is cut off is made again
        api_asker& asker;
        std::function<void()> on_row;  // the inbox has a new row
        // One that did not answer answers again.
        std::function<void(std::string const& instance)> on_recovered;
    };

    explicit watch_loop(parts with);

    // The links were read again. What is known of a source stays where nothing about it has changed.
    void use(std::vector<polled_source> sources);

    // A watch began, or began anew.
    void notify() { wake(); }

    // It waits, for time or for a notification.
    bool is_waiting() const { return is_waiting_; }

    // Begins nothing more.
    void rest() { is_resting_ = true; }

    // Runs until it is cancelled.
    boost::asio::awaitable<void> run();

private:
    enum class watched_thing
    {
        comments,  // and tasks
        builds,
    };
    using place_key = std::tuple<std::string, std::string, std::int64_t, watched_thing>;
    // No look before retry.until: one failed, or the budget has no room.
    struct pause
    {
        look_retry retry;
        std::string told_fault;  // as the log knows it
    };
    struct found_watches
    {
        std::vector<watched_pull_request> watched;
        std::vector<watched_builds> builds;
        budget held;

        found_watches() = default;
    };
    // A look that is due.
    struct turn
    {
        time_point due_at;
        std::function<void()> begin;
    };

    // What a look has shown of a pull request.
    enum class look_reach
    {
        part,      // of its comments
        comments,  // all of them; tasks were not asked for
        half,      // all of them, but not all tasks
        whole,
    };
    struct shown_look
    {
        look_answers seen;
        api_reply said;  // the last answer
        look_reach reach = look_reach::part;
        int requests = 0;  // for its comments

        shown_look() = default;
    };

    // How a look ended, for what follows it.
    struct look_ending
    {
        place_key key;
        std::string full_name;
        time_point window_end;
        time_point began_at;
        bitbucket::api_outcome said;
        std::optional<time_point> held_until;
        bool is_half = false;      // the last one: its comments were shown, its tasks held
        bool is_of_store = false;  // the store took nothing

        look_ending() = default;
    };

    // What is known of a pull request that bears on what is asked of it.
    struct ground
    {
        time_point since;  // when its repository is watched
        // On Data Center the commit whose builds are asked for; nothing where it is closed, or not known.
        std::optional<std::string> head;

        ground() = default;
    };
    // row: nothing where no build was shown.
    struct built
    {
        std::optional<inbox_entry> row;
        bitbucket::api_outcome ended;
        std::optional<time_point> held_until;

        built() = default;
    };

    static place_key key_of(watch_place const& of, watched_thing what);
    static result<found_watches> find_watches(
        transaction& tx, std::set<std::string> const& instances, link_id const& link, resource_class resource
    );
    boost::asio::awaitable<time_point> dispatch();
    boost::asio::awaitable<time_point> dispatch_link(std::vector<polled_source> sharing);
    void forget_places(found_watches const& found, std::set<std::string> const& instances);
    void drop_others(found_watches& found, link_id const& link, time_point now) const;
    int sharers(found_watches const& found) const;
    time_point begin_due(polled_source const& first, found_watches found, time_point now);
    std::optional<time_point> due_now(place_key const& key, time_point due_at, time_point& next) const;
    time_point take_turns(link_id const& link, std::vector<turn> turns, time_point now);
    std::size_t begun(std::string const& slot) const;
    void begin_look(watched_pull_request of, due_look due);
    void begin_build_look(watched_builds of);
    void begin_end(watched_pull_request of);
    void begin_build_end(watched_builds of);
    boost::asio::awaitable<void> look(polled_source source, watched_pull_request of, due_look due);
    boost::asio::awaitable<shown_look> ask_look(
        polled_source source, watched_pull_request of, bool with_tasks, time_point since
    );
    boost::asio::awaitable<result<>> keep(
        watched_pull_request of, std::vector<inbox_entry> rows, look_reach reach, time_point asked_at
    );
    boost::asio::awaitable<void> end(watched_pull_request of);
    void after_end(place_key const& key, result<bool> const& done);
    boost::asio::awaitable<void> settle(polled_source source, look_ending of);
    boost::asio::awaitable<void> after_fault(polled_source source, look_ending of);
    boost::asio::awaitable<result<bool>> give_up(place_key key, look_retry failed);
    static std::string fault_word(look_ending const& of);
    void tell_look(
        polled_source const& source, look_ending const& of, log_level level, std::string_view line
    );
    boost::asio::awaitable<ground> read_ground(edition of, watch_place place, std::string full_name);
    boost::asio::awaitable<void> look_at_builds(polled_source source, watched_builds of);
    boost::asio::awaitable<built> ask_builds(polled_source source, watched_builds of, ground known);
    boost::asio::awaitable<result<>> keep_builds(
        watch_place of, std::optional<inbox_entry> row, std::optional<time_point> asked_at
    );
    boost::asio::awaitable<void> end_builds(watched_builds of);
    void hear_silence(polled_source const& source, look_ending const& of);
    void hear_answer(polled_source const& source);
    void tell_stretch(polled_source const& source, double stretch);

    void wake()
    {
        is_waiting_ = false;
        work_.notify();
    }

    parts with_;
    std::vector<polled_source> sources_;
    std::map<place_key, std::string>
        busy_;  // what is under way, by the id of the link that asks; ends: empty
    std::map<place_key, pause> pauses_;
    std::map<place_key, int> costs_;  // requests of the last look at its comments, where it is above 1
    std::map<std::string, silence> silences_;  // by the id of the link
    std::set<std::string> slow_;               // links whose looks are stretched, as the log knows
    wakeup work_;
    bool is_resting_ = false;
    bool is_waiting_ = false;
};

}  // namespace linkspan
