#include "core/bitbucket/content_stamp.hpp"
#include "core/bitbucket/data_center_parts.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace linkspan::data_center
{
namespace
{

// Steps from commit to parent that one delivery is worth: a push lists as many refs and commits as it likes.
constexpr int ancestry_steps_max = 100'000;

// Of the commits that several refs of one push have in common, so that a small delivery stays small.
constexpr std::size_t repeated_bytes_max = 1'000'000;

std::optional<std::string> real_hash(std::optional<std::string> hash)
{
    if (hash && hash->find_first_not_of('0') == std::string::npos)
        return std::nullopt;
    return hash;
}

// The commits that 9.x and later list: those of the whole push, with their parents.
class pushed_commits
{
public:
    explicit pushed_commits(json_reader const& body)
    {
        for (auto const& element : body.elements("commits"))
        {
            commit one;
            one.hash = element.required_text("id");
            one.message = element.text("message");
            one.author = element.text("author/displayName");
            if (!one.author)
                one.author = element.text("author/name");
            listed_.push_back(std::move(one));
            add_parents(element);
        }
        add_parents(body.child("toCommit"));
        for (std::size_t i = 0; i < listed_.size(); ++i)
            places_.emplace(listed_[i].hash, i);
    }

    std::vector<commit> const& all() const { return listed_; }

    struct path
    {
        bool leads_back = false;      // the old tip is an ancestor of the new one
        std::vector<commit> commits;  // the listed ones on the way
        bool is_cut = false;          // there may be more
    };

    path between(std::string const& from, std::string const& to)
    {
        path out;
        std::set<std::string_view> seen;
        std::vector<std::string_view> next{to};
        while (!next.empty() && steps_ < ancestry_steps_max)
        {
            ++steps_;
            auto const at = next.back();
            next.pop_back();
            if (at == from)
            {
                out.leads_back = true;
                continue;
            }
            auto const found = parents_.find(at);
            if (!seen.insert(at).second || found == parents_.end())
                continue;
            next.insert(next.end(), found->second.begin(), found->second.end());
        }
        std::vector<std::size_t> places;
        for (auto const hash : seen)
            if (auto const found = places_.find(hash); found != places_.end())
                places.push_back(found->second);
        std::ranges::sort(places);
        out.is_cut = !next.empty() && !listed_.empty();
        for (auto const place : places)
        {
            auto const& one = listed_[place];
            repeated_bytes_ += sizeof(commit) + (one.message ? one.message->size() : 0);
            out.is_cut = out.is_cut || repeated_bytes_ > repeated_bytes_max;
            if (repeated_bytes_ > repeated_bytes_max)
                break;
            out.commits.push_back(one);
        }
        return out;
    }

private:
    // Parents may be shown with parents of their own.
    void add_parents(json_reader const& in)
    {
        auto const hash = in.text("id");
        if (!hash || !in.has("parents"))
            return;
        auto& known = parents_[*hash];
        for (auto const& parent : in.elements("parents"))
        {
            if (auto id = parent.text("id"))
                known.push_back(std::move(*id));
            add_parents(parent);
        }
    }

    std::vector<commit> listed_;
    std::map<std::string_view, std::size_t> places_;  // in listed_, by hash
    std::map<std::string, std::vector<std::string>, std::less<>> parents_;
    int steps_ = 0;
    std::size_t repeated_bytes_ = 0;
};

event_kind kind_of_change(json_reader const& change, bool tag)
{
    auto const type = change.required_text("type");
    if (type == "ADD")
        return tag ? event_kind::tag_created : event_kind::branch_created;
    if (type == "DELETE")
        return tag ? event_kind::tag_deleted : event_kind::branch_deleted;
    if (type != "UPDATE")
        change.fail("type", "expected ADD, UPDATE or DELETE");
    return tag ? event_kind::tag_updated : event_kind::branch_updated;
}

}  // namespace

void read_refs_changed(json_reader const& body, reading& out)
{
    if (!body.has("changes"))
        body.fail("changes", "is missing");
    auto const changes = body.elements("changes");
    bool const is_one = changes.size() == 1;  // it is counted anew each time
    pushed_commits pushed(body);
    for (auto const& change : changes)
    {
        bool const tag = change.required_text("ref/type") == "TAG";
        ref_change detail;
        detail.name = change.required_text("ref/displayId");
        detail.before = real_hash(change.text("fromHash"));
        detail.after = real_hash(change.text("toHash"));
        // That nothing leads back proves no force: the list may be cut.
        if (detail.after)
        {
            auto path = pushed.between(detail.before.value_or(std::string()), *detail.after);
            if (path.leads_back && detail.before)
                detail.forced = false;
            if (!is_one && path.is_cut)
                detail.truncated = true;
            detail.commits = is_one ? pushed.all() : std::move(path.commits);
        }
        claim one;
        one.identity = claim_identity::occurrence;
        one.kind = kind_of_change(change, tag);
        one.stamp = detail.name + ":" + detail.before.value_or("-") + ":" + detail.after.value_or("-");
        one.detail = std::move(detail);
        out.claims.push_back(std::move(one));
    }
}

namespace
{

// What changed besides the names and the project, which kinds of their own tell.
std::vector<std::string> changed_fields(json_reader const& before, json_reader const& after)
{
    std::vector<std::string> out;
    for (auto const* name : {"description", "defaultBranch"})
        if (before.text(name).value_or("") != after.text(name).value_or(""))
            out.emplace_back(name);
    for (auto const* name : {"public", "forkable", "archived"})
        if (before.has(name) && after.has(name) && before.flag(name) != after.flag(name))
            out.emplace_back(name);
    return out;
}

bool is_moved(json_reader const& before, json_reader const& after)
{
    auto const from = before.integer("project/id");
    auto const to = after.integer("project/id");
    return from && to ? from != to : before.text("project/key") != after.text("project/key");
}

// Dates have whole seconds, and two changes may be made within one.
std::string stamp_of_change(json_reader const& body, reading const& said)
{
    return stamp_of_content(body.json("old") + "\n" + body.json("new"), said);
}

claim occurrence(event_kind kind, std::string stamp, event_detail detail)
{
    claim one;
    one.kind = kind;
    one.identity = claim_identity::occurrence;
    one.stamp = std::move(stamp);
    one.detail = std::move(detail);
    return one;
}

}  // namespace

void read_repository_modified(json_reader const& body, reading& out)
{
    auto const before = read_repository(body.child("old"));
    out.repository = read_repository(body.child("new"));
    if (!before)
        body.fail("old", "is missing");
    if (!out.repository)
        body.fail("new", "is missing");
    if (!before || !out.repository)
        return;
    auto const& after = *out.repository;
    repository_change detail;
    detail.fields = changed_fields(body.child("old"), body.child("new"));
    auto kind = event_kind::repository_updated;
    if (is_moved(body.child("old"), body.child("new")))
        kind = event_kind::repository_transferred;
    else if (before->full_name != after.full_name || before->name != after.name)
        kind = event_kind::repository_renamed;
    if (before->full_name != after.full_name)
    {
        detail.before = before->full_name;
        detail.after = after.full_name;
    }
    else if (kind == event_kind::repository_renamed)
    {
        detail.before = before->name;
        detail.after = after.name;
    }
    out.claims.push_back(occurrence(kind, stamp_of_change(body, out), std::move(detail)));
}

// The hook that sends this is the forked repository's: a new fork has none yet.
void read_repository_forked(json_reader const& body, reading& out)
{
    repository_change detail;
    detail.fork = read_repository(body.child("repository"));
    out.repository = read_repository(body.child("repository/origin"));
    if (!detail.fork)
        body.fail("repository", "is missing");
    if (!out.repository)
        body.fail("repository/origin", "is missing");
    if (!detail.fork)
        return;
    auto stamp = detail.fork->id;
    out.claims.push_back(occurrence(event_kind::repository_forked, std::move(stamp), std::move(detail)));
}

namespace
{

// In any order: a scan that is made again finds the same.
std::string stamp_of_locations(std::vector<std::string> locations)
{
    std::ranges::sort(locations);
    std::string all;
    for (auto const& one : locations)
        all += one + "\n";
    return hash_of_content(all);
}

}  // namespace

// Bitbucket names the repository with each location.
void read_secret_detected(json_reader const& body, reading& out)
{
    out.repository = read_repository(body.child("repository"));
    if (!out.repository)
        out.repository = read_repository(body.child("secretLocations/0/repository"));
    if (!out.repository)
        body.fail("repository", "is missing");
    repository_change detail;
    for (auto const& element : body.elements("secretLocations"))
    {
        auto where = element.required_text("commitId") + ":" + element.required_text("path");
        if (auto const line = element.integer("line"))
            where += ":" + std::to_string(*line);
        detail.locations.push_back(std::move(where));
    }
    auto stamp = stamp_of_date(out);
    if (!detail.locations.empty())
        stamp = stamp_of_locations(detail.locations);
    out.claims.push_back(
        occurrence(event_kind::repository_secret_detected, std::move(stamp), std::move(detail))
    );
}

// The changes that a mirror has caught up with were told as pushes when they were made.
void read_mirror_synchronized(json_reader const& body, reading& out)
{
    repository_change detail;
    detail.mirror = body.text("mirrorServer/name");
    if (!detail.mirror)
        detail.mirror = body.text("mirrorServer/id");
    std::string content;
    for (auto const* member : {"syncType", "refLimitExceeded", "changes"})
        content += body.json(member) + "\n";
    auto stamp = body.text("mirrorServer/id").value_or("-") + ":" + stamp_of_content(content, out);
    out.claims.push_back(occurrence(event_kind::repository_synchronized, std::move(stamp), std::move(detail))
    );
}

void read_project_modified(json_reader const& body, reading& out)
{
    project_change detail;
    detail.key = body.required_text("new/key");
    auto const differ = [&](std::string const& name)
    {
        auto before = body.text("old/" + name);
        auto after = body.text("new/" + name);
        if (detail.before || !before || !after || before == after)
            return;
        detail.before = std::move(before);
        detail.after = std::move(after);
    };
    differ("name");
    differ("key");
    auto const number = body.integer("new/id");
    auto stamp = (number ? std::to_string(*number) : *detail.key) + ":" + stamp_of_change(body, out);
    out.claims.push_back(occurrence(event_kind::project_updated, std::move(stamp), std::move(detail)));
}

}  // namespace linkspan::data_center
