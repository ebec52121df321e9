#include "core/bitbucket/digest.hpp"

#include "core/bitbucket/comparison.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace linkspan
{

digested digest(reading const& said, known_state const& known, digest_context const& context)
{
    return comparison(said, known, context).run();
}

std::vector<ref_move> moves_of(reading const& said, std::string_view instance)
{
    std::vector<ref_move> out;
    for (auto const& one : said.claims)
    {
        auto const* change = std::get_if<ref_change>(&one.detail);
        if (change == nullptr)
            continue;
        if (out.size() == moves_compared_max)
            return {};
        auto& next = out.emplace_back();
        auto const key = [&](event_kind kind, std::string const& stamp)
        { return key_of(kind, said, said.repository, instance, stamp); };
        next.key = key(one.kind, one.stamp);
        bool const is_tag = one.kind == event_kind::tag_created || one.kind == event_kind::tag_updated ||
                            one.kind == event_kind::tag_deleted;
        auto const start = change->name + ":" + change->after.value_or("-") + ":";
        if (!change->after)
            next.leaving = {key(is_tag ? event_kind::tag_created : event_kind::branch_created, start)};
        else
            next.leaving = {
                key(is_tag ? event_kind::tag_updated : event_kind::branch_updated, start),
                key(is_tag ? event_kind::tag_deleted : event_kind::branch_deleted, start)};
    }
    return out;
}

std::string cause_of_push(
    std::string_view instance, std::string_view repository, std::string_view branch, std::string_view commit
)
{
    // Any fixed namespace serves, as long as it never changes: the id is stored.
    static constexpr boost::uuids::uuid space = {
        {0x6c, 0x69, 0x6e, 0x6b, 0x73, 0x70, 0x41, 0x6e, 0x9f, 0x70, 0x75, 0x73, 0x68, 0x00, 0x00, 0x01}};
    std::string name(instance);
    for (auto const part : {repository, branch, commit.substr(0, short_hash_length)})
    {
        name += '\n';
        name += part;
    }
    return to_string(boost::uuids::name_generator_sha1(space)(name));
}

std::vector<told_build> builds_of(reading const& said, std::string_view instance)
{
    std::vector<told_build> out;
    for (auto const& one : said.claims)
        if (auto const* status = std::get_if<build>(&one.detail))
            out.push_back({status, key_of(one.kind, said, said.repository, instance, one.stamp)});
    return out;
}

std::string build_scope(build const& status, std::vector<open_head> const& heads)
{
    if (status.branch)
        return *status.branch;
    if (!heads.empty() && heads.front().source)
        return heads.front().source->branch;
    return status.commit;
}

}  // namespace linkspan
