#pragma once
#include "tests/simulators/bitbucket_cloud_hooks.hpp"
#include "tests/simulators/bitbucket_cloud_shapes.hpp"
#include "tests/simulators/bitbucket_cloud_state.hpp"
#include "tests/simulators/simulator_server.hpp"

#include <boost/json/array.hpp>

#include <functional>
#include <mutex>

namespace linkspan::test
{

namespace simulated_cloud
{
struct question;
struct list;
}  // namespace simulated_cloud

// What is asked of the REST API; counted, and scripted, apart.
enum class cloud_call
{
    repositories,
    repository,
    pull_requests,
    pull_request,
    comments,
    tasks,
    activity,
    pull_request_commits,
    diffstat,
    commits,
    statuses,
    user,
    other,
};

// What goes wrong with one call of the REST API.
struct cloud_fault
{
    std::optional<http_response> answer;  // instead of Bitbucket's own
    std::string next_base;                // the page tells a next one on this host: "http://127.0.0.2:1"
    bool is_endless = false;              // pages tell a next one where there is none, until unscript()
    bool is_half = false;                 // the text ends in its middle

    static cloud_fault none() { return {}; }  // this call goes well
    static cloud_fault html();                // 200, a page to sign in
    static cloud_fault half();
    static cloud_fault cut();  // no answer at all
    static cloud_fault status(int status, std::string message = "Something went wrong");
    static cloud_fault rate_limit(std::optional<std::string> retry_after);  // 429
    static cloud_fault missing_scope(std::string scope);                    // 403
    static cloud_fault redirect(std::string url);                           // 301
    static cloud_fault foreign_next(std::string base);
    static cloud_fault endless();
};

// How Bitbucket behaves, until it is changed. What is set is as the real one does; see each for its source.
struct cloud_rules
{
    // Webhooks. An edit within this of a comment's creation or last edit has none; 0: each has one.
    milliseconds edit_silence{600'000};
    bool tells_tasks = false;  // true, unlike the real one: a task's change is a pullrequest:updated
    bool tells_pull_request_push = false;  // a push is pullrequest:push beside pullrequest:updated
    simulated_cloud::hook_sender::limits hooks;
    hook_disorder disorder;

    // What it shows.
    bool has_short_hashes = true;     // 12 characters in pull requests
    milliseconds task_count_lag{0};   // task_count is so late
    milliseconds list_lag{0};         // comments and tasks are listed so late
    bool moves_with_comments = true;  // a comment's news move the pull request's updated_on
    bool redirects_diffstat = false;  // once, to another place on the same host

    // Requests of each credential within an hour; 0: no limit.
    std::int64_t requests_per_hour = 1'000;
    bool tells_limit = false;                // X-RateLimit-Limit, -NearLimit and -Resource
    std::optional<std::string> retry_after;  // of each 429
};

// The requests of one credential.
struct cloud_usage
{
    std::int64_t in_last_hour = 0;
    std::int64_t most_in_an_hour = 0;  // of any hour that ends with a request
    std::int64_t refused = 0;          // 429
};

// Bitbucket Cloud for tests: one workspace, its REST API 2.0 over real HTTP on loopback in a thread of its
// own, and webhooks to real URLs. It waits for no time: `now` tells the time of the service, and is called
// from several threads. Every member may be called from any thread, deliver_pending() from one at a time.
//
// What people do is a member each, at the moment of now(); it queues the webhooks that the real one would
// send, in order, and deliver_pending() sends them. People are known by their nicknames: "ada". Unknown
// repositories, pull requests, comments and tasks are a std::out_of_range.
class bitbucket_cloud
{
public:
    using now_function = std::function<time_point()>;

    explicit bitbucket_cloud(now_function now, std::string workspace = "acme");
    bitbucket_cloud(bitbucket_cloud const&) = delete;
    bitbucket_cloud& operator=(bitbucket_cloud const&) = delete;

    std::string url() const;      // "http://127.0.0.1:<port>"
    std::string api_url() const;  // url() + "/2.0/"

    cloud_rules rules() const;
    void set_rules(cloud_rules rules);

    // Credentials that the API takes; all others are answered 401.
    void add_token(std::string const& token);  // Bearer
    void add_api_token(std::string const& email, std::string const& token);
    void remove_credentials();
    cloud_usage usage_of(std::string const& token) const;

    // The next calls of this kind meet these faults, one each, in order.
    void script(cloud_call call, std::vector<cloud_fault> faults);
    void unscript();  // forgets the faults that are left
    // Called before each page but the first one of a list is made, in the simulator's thread: what it changes
    // shifts the list while it is read.
    void set_before_next_page(std::function<void()> change);
    // Called before each answer, in the simulator's thread: while it waits, nothing is answered.
    void set_before_answer(std::function<void(cloud_call)> wait);
    std::size_t calls(cloud_call call) const;  // faults and refusals included
    std::size_t calls() const;
    std::vector<std::string> targets() const;  // of all requests, in order

    // Where webhooks go; secret empty: unsigned.
    void add_hook(std::string url, std::string secret = {});
    void move_hooks(std::string const& url);  // all of them; what is queued still goes where they were
    std::size_t pending() const;
    // Sends what is queued, with its faults, and returns what became of each.
    std::vector<cloud_delivery> deliver_pending();
    std::vector<cloud_delivery> deliveries() const;  // of all deliver_pending() so far
    // Throws away what is queued: an outage that nobody will make up for.
    void drop_pending();

    // Repositories.
    std::string add_repository(std::string const& slug);  // its uuid; with a branch main of one commit
    void rename_repository(std::string const& slug, std::string const& to);
    void delete_repository(std::string const& slug);
    // Commits to a branch, which is made where there is none; the hash of the last one.
    std::string push(
        std::string const& slug,
        std::string const& branch,
        std::vector<std::vector<std::string>> const& paths_of_commits,
        std::string const& by = "ada"
    );
    void set_build(
        std::string const& slug, std::string const& commit, std::string const& key, std::string const& state
    );

    // Pull requests: made from a new branch with one commit, into main.
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
    void approve(std::string const& slug, std::int64_t pull_request, std::string const& by);
    void unapprove(std::string const& slug, std::int64_t pull_request, std::string const& by);
    void request_changes(std::string const& slug, std::int64_t pull_request, std::string const& by);
    void withdraw_changes_request(std::string const& slug, std::int64_t pull_request, std::string const& by);
    void merge(std::string const& slug, std::int64_t pull_request, std::string const& by = "ada");
    void decline(
        std::string const& slug,
        std::int64_t pull_request,
        std::string const& by = "ada",
        std::string const& reason = {}
    );

    // Comments and tasks; their ids are unique in the service, each kind for itself.
    std::int64_t add_comment(
        std::string const& slug,
        std::int64_t pull_request,
        std::string const& text,
        std::string const& by = "grace",
        std::optional<cloud_anchor> anchor = std::nullopt
    );
    std::int64_t reply(std::int64_t comment, std::string const& text, std::string const& by = "ada");
    void edit_comment(std::int64_t comment, std::string const& text);
    void delete_comment(std::int64_t comment);
    void resolve_thread(std::int64_t comment, std::string const& by = "ada");
    void reopen_thread(std::int64_t comment, std::string const& by = "ada");
    std::int64_t add_task(
        std::string const& slug,
        std::int64_t pull_request,
        std::string const& text,
        std::string const& by = "grace",
        std::optional<std::int64_t> comment = std::nullopt
    );
    void edit_task(std::int64_t task, std::string const& text);
    void resolve_task(std::int64_t task, std::string const& by = "ada");
    void reopen_task(std::int64_t task, std::string const& by = "ada");
    void delete_task(std::int64_t task, std::string const& by = "grace");

    // A copy of what is known, for comparing.
    simulated_cloud::state state() const;

private:
    // Where a move happens; valid under the lock only.
    struct place
    {
        simulated_cloud::repository* repository = nullptr;
        simulated_cloud::pull_request* pull_request = nullptr;
    };
    struct hook
    {
        std::string url, secret, uuid;
    };
    struct credential
    {
        std::string token;
        std::deque<time_point> requests;
        cloud_usage usage;
    };

    // Of the moves; all of them under the lock.
    simulated_cloud::view view_at(time_point now) const;
    place find(std::string const& slug, std::int64_t pull_request);
    std::pair<place, simulated_cloud::comment*> find_comment(std::int64_t id);
    std::pair<place, simulated_cloud::task*> find_task(std::int64_t id);
    void know(std::string const& nickname);
    void queue(
        std::string key,
        simulated_cloud::repository const& in,
        std::string const& actor,
        boost::json::object rest,
        time_point now
    );
    void queue_pull_request(
        std::string key, place at, std::string const& actor, time_point now, boost::json::object rest = {}
    );
    void queue_push(
        simulated_cloud::repository const& in,
        std::string const& branch,
        std::string const& before,
        std::string const& by,
        time_point now
    );
    void update(place at, std::string const& by, time_point now, std::string key = "pullrequest:updated");
    void touch(place at, std::string const& who, time_point now);
    void review(
        std::string const& slug, std::int64_t pull_request, std::string const& by, simulated_cloud::review to
    );
    void close(place at, std::string state, std::string const& by, time_point now);
    std::int64_t write_comment(place at, simulated_cloud::comment one, time_point now);
    void tell_comment(std::string key, place at, std::int64_t id, std::string const& actor, time_point now);
    void tell_task(place at, std::string const& by, time_point now);
    simulated_commit& add_commit(
        simulated_cloud::repository& in,
        std::string const& branch,
        std::vector<std::string> paths,
        std::string const& by,
        time_point now
    );

    // Of the REST API.
    boost::asio::awaitable<http_response> handle(http_request request);
    http_response answer(http_request const& request, simulated_cloud::question const& asked);
    std::optional<http_response> refusal_of_credential(
        http_request const& request, time_point now, std::vector<http_header>& told
    );
    http_response answer_in_workspace(simulated_cloud::question const& asked, cloud_fault const& fault);
    http_response answer_in_repository(
        simulated_cloud::repository const& in,
        simulated_cloud::question const& asked,
        cloud_fault const& fault
    );
    http_response answer_pull_request(
        simulated_cloud::repository const& in,
        simulated_cloud::question const& asked,
        cloud_fault const& fault
    );
    http_response list_pull_requests(
        simulated_cloud::repository const& in,
        simulated_cloud::question const& asked,
        cloud_fault const& fault
    );
    http_response list_commits(
        simulated_cloud::repository const& in,
        simulated_cloud::question const& asked,
        cloud_fault const& fault
    );
    http_response list_diffstat(
        simulated_cloud::repository const& in,
        simulated_cloud::question const& asked,
        cloud_fault const& fault
    );
    http_response page(
        simulated_cloud::question const& asked, simulated_cloud::list items, cloud_fault const& fault
    );
    std::string next_of(simulated_cloud::question const& asked, std::size_t offset, cloud_fault const& fault);
    cloud_fault next_fault(cloud_call call);

    now_function now_;
    boost::asio::io_context loop_{1};
    simulated_cloud::hook_sender sender_;

    mutable std::mutex mutex_;  // guards what follows
    simulated_cloud::state state_;
    cloud_rules rules_;
    std::map<std::string, credential> credentials_;  // by the Authorization header
    std::map<cloud_call, std::deque<cloud_fault>> faults_;
    std::map<cloud_call, std::size_t> calls_;
    std::vector<std::string> targets_;
    std::function<void()> before_next_page_;
    std::function<void(cloud_call)> before_answer_;
    std::map<std::string, std::size_t> page_tokens_;  // -> offset
    std::int64_t last_page_token_ = 0;
    std::vector<hook> hooks_;
    std::int64_t last_delivery_ = 0;
    std::vector<cloud_delivery> queue_;
    std::vector<cloud_delivery> deliveries_;

    simulator_server server_;  // last: it uses all the rest
};

}  // namespace linkspan::test
