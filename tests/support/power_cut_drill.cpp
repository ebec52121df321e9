#include "tests/support/power_cut_drill.hpp"

#include "tests/support/environment.hpp"

#include <random>

namespace linkspan::test
{
namespace
{

struct cut_choice
{
    disk_recording::moment moment;
    cut_mode mode;
    std::uint64_t seed;
};

cut_choice choose(disk_recording const& disk, std::size_t nth, std::mt19937_64& random)
{
    cut_choice choice = {disk.now(), random() % 2 == 0 ? cut_mode::mild : cut_mode::harsh, random()};
    auto const promises = disk.acknowledgements();
    if (nth == 0)
        return choice;
    if (nth % 2 == 1 && !promises.empty())
        choice.moment = promises[random() % promises.size()];
    else
        choice.moment = random() % (disk.now() + 1);
    return choice;
}

std::string missing_of(std::vector<std::int64_t> const& promised, std::set<std::int64_t> const& found)
{
    std::size_t missing = 0;
    std::int64_t first = 0;
    for (auto const id : promised)
        if (!found.contains(id) && missing++ == 0)
            first = id;
    if (missing == 0)
        return {};
    return std::to_string(missing) + " of " + std::to_string(promised.size()) +
           " acknowledged are missing, first " + std::to_string(first);
}

}  // namespace

power_cut_report cut_power(
    power_cut_plan const& plan,
    std::function<void(power_cut_vfs& vfs, std::filesystem::path const& folder, std::uint64_t seed)> const&
        run,
    std::function<power_cut_survivors(std::filesystem::path const& folder)> const& read
)
{
    power_cut_report report;
    for (std::size_t nth_run = 0; nth_run < plan.runs; ++nth_run)
    {
        std::uint64_t const run_seed = plan.seed + nth_run;
        temporary_folder live;
        disk_recording disk;
        {
            power_cut_vfs vfs("power-cut", disk, plan.role);
            run(vfs, live.path(), run_seed);
        }
        report.acknowledged += disk.acknowledgements().size();

        std::mt19937_64 random(run_seed);
        for (std::size_t nth = 0; nth < plan.cuts_per_run; ++nth)
        {
            auto const choice = choose(disk, nth, random);
            temporary_folder after;
            auto const effect = disk.materialise(choice.moment, choice.mode, choice.seed, after.path());
            report.unsynced.kept += effect.kept;
            report.unsynced.dropped += effect.dropped;
            report.unsynced.torn += effect.torn;
            auto const survivors = read(after.path());
            auto const missing = missing_of(disk.acknowledged_before(choice.moment), survivors.ids);
            ++report.cuts;
            report.cuts_that_lost += missing.empty() ? 0U : 1U;
            report.cuts_that_damaged += survivors.fault.empty() ? 0U : 1U;
            if (report.first_problem.empty() && (!missing.empty() || !survivors.fault.empty()))
                report.first_problem = "run seed " + std::to_string(run_seed) + ", cut at event " +
                                       std::to_string(choice.moment) + " of " + std::to_string(disk.now()) +
                                       (choice.mode == cut_mode::mild ? ", mild" : ", harsh") + ", seed " +
                                       std::to_string(choice.seed) + ": " + missing + " " + survivors.fault;
        }
    }
    return report;
}

}  // namespace linkspan::test
