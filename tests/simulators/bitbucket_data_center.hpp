#pragma once
#include "links/net/client.hpp"
#include "tests/simulators/bitbucket_data_center_state.hpp"
#include "tests/simulators/simulator_server.hpp"

#include <boost/json/array.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <set>

namespace linkspan::test
{

// One webhook, and what became of it.
struct center_delivery
{
    std::int64_t number = 0;  // in the order in which they were made
    std::int64_t hook = 0;
    std::string request_id;
    std::string event_key;
    std::string body;
    time_point made_at;
    hook_fate fate = hook_fate::pending;
    int status = 0;
};

// How Data Center behaves, until it is changed. What is set is as the real one does.
struct center_rules
{
    // Webhooks: never sent again. After so many failures in a row a hook is skipped, first for first_silence,
    // and with each further failure for twice as long.
    int failures_max = 5;
    milliseconds first_silence{10'000};
    milliseconds silence_max = std::chrono::hours(10);
    milliseconds patience{10'000};   // real time: somebody else answers
    hook_disorder disorder;          // doubled: two nodes of a cluster tell the same
    bool tells_resolutions = false;  // true, unlike the real one: those of threads and tasks are edits

    bool has_iso_dates = false;  // as 10.x has them
    bool is_admin = true;        // false: the webhooks may not be read
    bool shows_reactions = true;
    bool has_builds = true;    // false: no list of builds, as without its plugin
    int page_items_max = 100;  // the server's own limit, whatever is asked for
    bool lists_by_creation =
        false;  // pull requests: the newest first by their beginning, not their last change

    std::set<std::int64_t> broken_pull_requests;  // their own resources answer 500

    // A bucket for each credential; 0: no limit.
    int bucket_size = 60;
    int refill_per_second = 5;
};

// Bitbucket Data Center for tests, as bitbucket_cloud is Cloud: one project, its REST API over real HTTP on
// loopback, and webhooks to real URLs, on a clock that the test gives. Every member may be called from any
// thread, deliver_pending() from one at a time. Unknown repositories, pull requests and comments are a
// std::out_of_range. Tasks are comments.
class bitbucket_data_center
{
public:
    using now_function = std::function<time_point()>;

    explicit bitbucket_data_center(now_function now, std::string project = "ACME");
    bitbucket_data_center(bitbucket_data_center const&) = delete;
    bitbucket_data_center& operator=(bitbucket_data_center const&) = delete;

    std::string url() const;  // "http://127.0.0.1:<port>/", the base URL

    center_rules rules() const;
    void set_rules(center_rules rules);
    void add_token(std::string const& token);
    void remove_credentials();
    std::int64_t refused_requests() const;  // 429

    // The next calls are answered so instead, one each, in order; close_unanswered cuts the connection.
    void script(std::vector<http_response> answers);
    // Called before each answer with the resource, in the simulator's thread: while it waits, nothing is
    // answered.
    void set_before_answer(std::function<void(std::string const& resource)> wait);
    // By the last word of the path that is no number or hash: "activities", "pull-requests", "commits".
    std::size_t calls(std::string const& resource) const;
    std::vector<std::string> targets() const;

    std::int64_t add_hook(std::string url, std::string secret = {});  // its id
    void move_hook(std::int64_t hook, std::string url);
    void set_active(std::int64_t hook, bool is_active);
    void remove_hook(std::int64_t hook);
    std::optional<time_point> silent_until(std::int64_t hook) const;
    std::size_t pending() const;
    std::vector<center_delivery> deliver_pending();
    void drop_pending();

    void add_repository(std::string const& slug);
    std::int64_t open_pull_request(
        std::string const& slug,
        std::string const& title,
        std::string const& by = "ada",
        std::vector<std::string> const& reviewers = {}
    );
    std::string push_to(
        std::string const& slug, std::int64_t pull_request, std::string const& path = "a.cpp"
    );
    void set_title(std::string const& slug, std::int64_t pull_request, std::string const& title);
    void set_description(std::string const& slug, std::int64_t pull_request, std::string const& text);
    void set_draft(std::string const& slug, std::int64_t pull_request, bool is_draft);
    void add_reviewer(std::string const& slug, std::int64_t pull_request, std::string const& who);
    void remove_reviewer(std::string const& slug, std::int64_t pull_request, std::string const& who);
    // status: "APPROVED", "NEEDS_WORK", "UNAPPROVED".
    void review(
        std::string const& slug, std::int64_t pull_request, std::string const& by, std::string const& status
    );
    void merge(std::string const& slug, std::int64_t pull_request, std::string const& by = "ada");
    void decline(std::string const& slug, std::int64_t pull_request, std::string const& by = "ada");
    void delete_pull_request(std::string const& slug, std::int64_t pull_request);
    void set_build(
        std::string const& slug, std::string const& commit, std::string const& key, std::string const& state
    );

    std::int64_t add_comment(
        std::string const& slug,
        std::int64_t pull_request,
        std::string const& text,
        std::string const& by = "grace"
    );
    std::int64_t add_task(
        std::string const& slug,
        std::int64_t pull_request,
        std::string const& text,
        std::string const& by = "grace"
    );
    std::int64_t reply(std::int64_t comment, std::string const& text, std::string const& by = "ada");
    void edit_comment(std::int64_t comment, std::string const& text);
    bool delete_comment(std::int64_t comment);  // false, as a 409: it has replies
    void react(std::int64_t comment, std::string const& shortcut, std::string const& by);
    void withdraw_reaction(std::int64_t comment, std::string const& shortcut, std::string const& by);
    void resolve_thread(std::int64_t comment, std::string const& by = "ada");
    void reopen_thread(std::int64_t comment, std::string const& by = "ada");
    void resolve_task(std::int64_t comment, std::string const& by = "ada");
    void reopen_task(std::int64_t comment, std::string const& by = "ada");

    simulated_center::state state() const;

private:
    struct place
    {
        simulated_center::repository* repository = nullptr;
        simulated_center::pull_request* pull_request = nullptr;
    };
    struct bucket
    {
        double tokens = 0;
        time_point filled_at;
    };
    struct question
    {
        std::vector<std::string> path;  // behind "/rest", decoded
        std::map<std::string, std::string> query;
    };

    // Of the moves; all of them under the lock.
    simulated_center::view view_now() const;
    place find(std::string const& slug, std::int64_t pull_request);
    std::pair<place, simulated_center::comment*> find_comment(std::int64_t id);
    void know(std::string const& login);
    void queue(std::string key, std::string const& actor, boost::json::object rest, time_point now);
    void queue_pull_request(
        std::string key, place at, std::string const& actor, time_point now, boost::json::object rest = {}
    );
    void queue_push(
        place at, std::string const& branch, std::string const& before, std::string const& by, time_point now
    );
    void add_activity(place at, std::string action, std::string const& by, time_point now);
    void update(place at, time_point now);
    void close(place at, std::string const& state, std::string const& by, time_point now);
    std::int64_t write_comment(place at, simulated_center::comment one, time_point now);
    void tell_comment(
        std::string key,
        place at,
        simulated_center::comment const& one,
        time_point now,
        boost::json::object rest = {}
    );
    void decide(
        std::int64_t comment,
        std::optional<simulated_center::decision> simulated_center::comment::*what,
        bool is_resolved,
        std::string const& by
    );
    void settle(center_delivery& one);

    // Of the REST API.
    boost::asio::awaitable<http_response> handle(http_request request);
    http_response answer(http_request const& request, question const& asked);
    bool takes_from_bucket(std::string const& credential, time_point now);
    http_response answer_repository(simulated_center::repository const& in, question const& asked);
    http_response answer_pull_request(simulated_center::repository const& in, question const& asked);
    http_response answer_commits(simulated_center::repository const& in, question const& asked);
    http_response answer_hooks(question const& asked);
    http_response page(question const& asked, boost::json::array items) const;

    now_function now_;
    boost::asio::io_context loop_{1};
    boost::asio::io_context hook_loop_{1};
    http_client hook_client_{hook_loop_};

    mutable std::mutex mutex_;  // guards what follows
    simulated_center::state state_;
    center_rules rules_;
    std::map<std::string, bucket> buckets_;  // by the Authorization header
    std::int64_t refused_ = 0;
    std::deque<http_response> scripted_;
    std::map<std::string, std::size_t> calls_;
    std::function<void(std::string const&)> before_answer_;
    std::vector<std::string> targets_;
    std::map<std::int64_t, simulated_center::hook> hooks_;
    std::int64_t last_delivery_ = 0;
    std::vector<center_delivery> queue_;

    simulator_server server_;  // last: it uses all the rest
};

}  // namespace linkspan::test
