#include "tests/support/office_day.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>

namespace linkspan::test
{
namespace
{

// What the service calls what the day has made, by the day's own names.
struct day_names
{
    std::map<int, std::int64_t> pull_requests;
    std::map<std::string, std::int64_t> comments;
    std::map<std::string, std::int64_t> tasks;
};

// What the two services call by other names. On Data Center a review is one state of a person, and a task a
// comment, which cannot be deleted once somebody has answered it.
void review_on(bitbucket_cloud& at, std::string const& slug, std::int64_t id, std::string const& status)
{
    if (status == "APPROVED")
        at.approve(slug, id, "grace");
    else if (status == "NEEDS_WORK")
        at.request_changes(slug, id, "grace");
    else
        at.unapprove(slug, id, "grace");
}

void review_on(bitbucket_data_center& at, std::string const& slug, std::int64_t id, std::string const& status)
{
    at.review(slug, id, "grace", status);
}

void delete_task_on(bitbucket_cloud& at, std::int64_t task)
{
    at.delete_task(task);
}

void delete_task_on(bitbucket_data_center& at, std::int64_t task)
{
    (void)at.delete_comment(task);
}

template <class Service>
class day_writer
{
public:
    explicit day_writer(office_day const& of)
        : of_(of), random_(of.seed), names_(std::make_shared<day_names>())
    {
    }

    std::vector<day_step<Service>> write()
    {
        for (int number = 0; number < of_.pull_requests; ++number)
            add_pull_request(number);
        std::ranges::stable_sort(steps_, {}, &day_step<Service>::at);
        // A stamp of the service is a moment: two changes of one thing within a second are no case of this
        // day.
        auto last = milliseconds(0);
        for (auto& step : steps_)
            last = step.at = std::max(step.at, last + seconds(2));
        return std::move(steps_);
    }

private:
    using move = std::function<void(Service&, std::int64_t pull_request)>;

    int draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
    bool happens(int percent) { return draw(100) < percent; }

    void add(int number, milliseconds at, move what)
    {
        steps_.push_back({at, [names = names_, number, what = std::move(what)](Service& service) {
                              what(service, names->pull_requests.at(number));
                          }});
    }

    milliseconds after(milliseconds at, int seconds_min, int seconds_max)
    {
        return at + seconds(seconds_min + draw(seconds_max - seconds_min));
    }

    void add_pull_request(int number)
    {
        auto const opened_at = seconds(60 + draw(static_cast<int>(of_.length.count() / 1'000) - 14'400));
        auto const slug = of_.repository;
        steps_.push_back(
            {opened_at,
             [names = names_, number, slug](Service& service)
             {
                 names->pull_requests[number] =
                     service.open_pull_request(slug, "Change " + std::to_string(number), "ada", {"grace"});
             }}
        );
        add_fields(number, opened_at);
        add_reviews(number, opened_at);
        int const comments = 1 + draw(2);
        for (int comment = 0; comment < comments; ++comment)
            add_comment(
                number,
                after(opened_at, 60, 5'400),
                "c" + std::to_string(number) + "." + std::to_string(comment)
            );
        if (happens(50))
            add_task(number, after(opened_at, 60, 5'400), "t" + std::to_string(number));
        if (happens(70))
            add(number,
                after(opened_at, 10'800, 14'000),
                [slug, merges = happens(70)](Service& service, std::int64_t id)
                { merges ? service.merge(slug, id, "grace") : service.decline(slug, id, "ada"); });
    }

    void add_fields(int number, milliseconds from)
    {
        auto const slug = of_.repository;
        if (happens(40))
            add(number,
                after(from, 30, 7'200),
                [slug, number](Service& service, std::int64_t id)
                { service.set_title(slug, id, "Better change " + std::to_string(number)); });
        if (happens(30))
            add(number,
                after(from, 30, 7'200),
                [slug](Service& service, std::int64_t id)
                { service.set_description(slug, id, "What it is for"); });
        if (happens(40))
            add(number,
                after(from, 30, 7'200),
                [slug](Service& service, std::int64_t id) { service.push_to(slug, id, "b.cpp"); });
        if (happens(25))
        {
            auto const drafted_at = after(from, 30, 3'600);
            add(number,
                drafted_at,
                [slug](Service& service, std::int64_t id) { service.set_draft(slug, id, true); });
            if (happens(60))
                add(number,
                    after(drafted_at, 60, 3'600),
                    [slug](Service& service, std::int64_t id) { service.set_draft(slug, id, false); });
        }
        if (happens(25))
            add(number,
                after(from, 30, 7'200),
                [slug](Service& service, std::int64_t id) { service.add_reviewer(slug, id, "linus"); });
    }

    void add_reviews(int number, milliseconds from)
    {
        auto const slug = of_.repository;
        auto const at = after(from, 120, 7'200);
        if (happens(50))
        {
            add(number,
                at,
                [slug](Service& service, std::int64_t id) { review_on(service, slug, id, "APPROVED"); });
            if (happens(40))  // approved and withdrawn again
                add(number,
                    after(at, 60, 1'800),
                    [slug](Service& service, std::int64_t id)
                    { review_on(service, slug, id, "UNAPPROVED"); });
        }
        else if (happens(40))
            add(number,
                at,
                [slug](Service& service, std::int64_t id) { review_on(service, slug, id, "NEEDS_WORK"); });
    }

    void add_comment(int number, milliseconds at, std::string name)
    {
        auto const slug = of_.repository;
        auto const names = names_;
        add(number,
            at,
            [slug, names, name](Service& service, std::int64_t id)
            { names->comments[name] = service.add_comment(slug, id, "words of " + name, "grace"); });
        auto const then = [&](milliseconds when, move what)
        {
            add(number,
                when,
                [names, name, what = std::move(what)](Service& service, std::int64_t)
                { what(service, names->comments.at(name)); });
        };
        if (happens(50))
            then(
                after(at, 5, 590),  // within ten minutes: Bitbucket tells nothing
                [](Service& service, std::int64_t id) { service.edit_comment(id, "better words"); }
            );
        if (happens(25))  // the second of two edits
            then(
                after(at, 700, 3'600),
                [](Service& service, std::int64_t id) { service.edit_comment(id, "the best words"); }
            );
        if (happens(30))
            then(
                after(at, 60, 3'000),
                [](Service& service, std::int64_t id) { service.reply(id, "I see", "ada"); }
            );
        if (happens(30))
            then(
                after(at, 3'700, 5'000),
                [](Service& service, std::int64_t id) { service.resolve_thread(id, "ada"); }
            );
        else if (happens(15))
            then(
                after(at, 3'700, 5'000),
                [](Service& service, std::int64_t id) { (void)service.delete_comment(id); }
            );
    }

    void add_task(int number, milliseconds at, std::string name)
    {
        auto const slug = of_.repository;
        auto const names = names_;
        add(number,
            at,
            [slug, names, name](Service& service, std::int64_t id)
            { names->tasks[name] = service.add_task(slug, id, "do " + name, "grace"); });
        auto const then = [&](milliseconds when, move what)
        {
            add(number,
                when,
                [names, name, what = std::move(what)](Service& service, std::int64_t)
                { what(service, names->tasks.at(name)); });
        };
        if (happens(60))
            then(
                after(at, 30, 3'600),
                [](Service& service, std::int64_t id) { service.resolve_task(id, "ada"); }
            );
        else if (happens(30))
            then(
                after(at, 30, 3'600), [](Service& service, std::int64_t id) { delete_task_on(service, id); }
            );
    }

    office_day const& of_;
    std::mt19937_64 random_;
    std::shared_ptr<day_names> names_;
    std::vector<day_step<Service>> steps_;
};

}  // namespace

template <class Service>
std::vector<day_step<Service>> office_day::steps() const
{
    return day_writer<Service>(*this).write();
}

template std::vector<day_step<bitbucket_cloud>> office_day::steps() const;
template std::vector<day_step<bitbucket_data_center>> office_day::steps() const;

}  // namespace linkspan::test
